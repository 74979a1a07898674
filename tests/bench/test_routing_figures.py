"""The routing figures: exact optima, keys, and the picture. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from bench import plot
from bench.payloads import Mix, orders
from bench.registry import Figure, Key, at_most
from bench.routing import KEYS
from bench.routing_exact import MISSING, MISSING_ORDER, SPLIT, Case, draw, gaps, least_cost, planned_cost
from bench.routing_lp import company
from bench.routing_speed import demand_of
from hub.rules.routing import Demand, Piece, Place, Rate, Snapshot


def _case(free: dict[tuple[str, str], int]) -> Case:
    rates = (Rate("A", "zone", ((10**9, 5_000_000, 1_000_000),)), Rate("B", "zone", ((10**9, 6_000_000, 500_000),)))
    places = (Place("A", 1, per_order=100), Place("B", 2, per_unit=30))
    demand = Demand("order", (Piece("l", "cup", 2), Piece("m", "pot", 1)), zones=(("", "zone"),))
    return Case(Snapshot(places, free, rates=rates, prices={("A", "pot"): 7}), demand)


def test_the_exact_program_counts_parcels_pieces_prices_and_what_is_missing() -> None:
    whole = _case({("A", "cup"): 2, ("A", "pot"): 1})
    assert least_cost(whole) == 5_000_100 + 3 * 1_000_000 + 7
    two = _case({("A", "cup"): 2, ("B", "pot"): 1})
    assert least_cost(two) == 5_000_100 + 2_000_000 + SPLIT + 6_000_000 + 500_030
    short = _case({("B", "cup"): 1})
    assert least_cost(short) == 6_000_000 + 500_030 + 2 * MISSING + MISSING_ORDER
    assert [planned_cost(case) for case in (whole, two, short)] == [least_cost(case) for case in (whole, two, short)]


def test_random_orders_differ_and_are_planned_at_their_exact_optimum() -> None:
    random = Random(1)
    assert draw(random, 5) != draw(random, 5)
    assert gaps(5, 25, (2, 8)) == [0.0] * 25
    assert gaps(6, 5, (9, 12)) == [0.0] * 5


def test_the_keys_of_the_issue_are_there_with_their_bars() -> None:
    assert {key.name: str(key.bar) for key in KEYS} == {
        "routing.js_small": "<= 1.035",
        "routing.gap_captured": ">= 0.6",
        "routing.js_small_b": "<= 1.05",
        "routing.js_large": "<= 1.05",
        "routing.exact_gap": "<= 0",
        "routing.us_per_order": "None",
        "routing.lp_seconds_10k": "<= 2",
    }


@pytest.mark.parametrize(("value", "also", "ok"), [(1.0, True, True), (1.0, False, False), (1.2, True, False)])
def test_a_key_with_a_second_bar_is_met_when_both_are(value: float, also: bool, ok: bool) -> None:
    key = Key("routing.some", "some", at_most(1.1), lambda _: Figure((value,), also_ok=also))
    assert key.judged(key.measure(True))["ok"] is ok


def test_the_large_company_has_ten_thousand_pairs() -> None:
    market, stock = company(1)
    assert (len(market.carried), len(stock), len(market.baskets)) == (10_000, 10_000, 5_000)


def test_a_webhook_becomes_a_demand() -> None:
    ((_, body),) = orders(1, 0, 1, Mix(100))
    order = json.loads(body)
    demand = demand_of(order)
    assert [(piece.sku, piece.quantity) for piece in demand.pieces] == [
        (line["sku"], line["quantity"]) for line in order["line_items"]
    ]
    assert demand.country == "US"
    assert demand.point is not None


RESULT = {"routing.js_small": {"policies": {"bid_price": {"cost_over_dlp": 1.02}, "nearest": {"cost_over_dlp": 1.10}}}}


def test_the_picture_has_one_bar_a_policy_dearest_first(tmp_path: Path) -> None:
    assert [(name, round(percent, 6)) for name, percent in plot.bars(RESULT)] == [("nearest", 10.0), ("bid_price", 2.0)]
    source, target = tmp_path / "result.json", tmp_path / "picture.svg"
    source.write_text(json.dumps(RESULT))
    assert plot.main([str(source), str(target)]) == 0
    first = target.read_bytes()
    assert first.startswith(b"<?xml")
    assert plot.main([str(source), str(target)]) == 0
    assert target.read_bytes() == first


def test_a_result_without_the_figure_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "result.json"
    source.write_text("{}")
    assert plot.main([str(source), str(tmp_path / "picture.svg")]) == 2
    assert capsys.readouterr().err == (
        "bench.plot: routing.js_small.policies: missing in this result; "
        "run stockline bench --json --only routing.js_small\n"
    )
    assert plot.main([]) == 2
