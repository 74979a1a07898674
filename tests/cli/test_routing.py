"""`stockline rules`, `rates`, `warehouse set`: what they print, and one clear line where something cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import load
from hub.store import migrate
from hub.store import tables as t
from hub.wiring import Hub
from tests.cli.conftest import Run
from tests.fakes.world import World


def test_rules_from_a_file_to_activation_and_back(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    assert [row["version"] for row in json.loads(run("rules", "--json").out)] == [0]
    body = json.loads(run("rules", "show", "0").out)
    body["strategies"][0]["criteria"] = ["distance", "priority"]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(body))
    made = run("rules", "draft", "--file", str(path), "--note", "nearest")
    assert made.out == "Version 1 is a draft. Try it: stockline simulate --ruleset 1 --days 7\n"
    assert run("rules", "diff", "0", "1").out.splitlines() == [
        "strategies › default › criteria › full coverage: no longer full_coverage",
        "strategies › default › criteria › fewest parcels: no longer fewest_parcels",
        "strategies › default › criteria › full day: no longer full_day",
        "strategies › default › criteria › distance: place 2 → 1",
        "strategies › default › criteria › priority: place 1 → 2",
    ]
    assert run("rules", "activate", "1").out == "Version 1 is active.\n"
    assert run("rules", "rollback", "0").out == "Version 2 is active; it says what version 0 said.\n"
    assert run("rules", "diff", "0", "2").out == "Versions 0 and 2 say the same.\n"
    assert json.loads(run("rules", "draft", "--json").out) == {"version": 3}
    assert run("rules", "retire", "3").out == "Version 3 is retired.\n"


def test_rules_older_than_a_criterion_are_told_with_the_command_that_helps(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text('{"strategies": [{"criteria": ["full_coverage", "fewest_parcels", "priority", "distance"]}]}')
    assert run("rules", "draft", "--new-criteria").err == (
        "stockline: ruleset version 0 lacks no new criterion: there is nothing to add\n"
    )
    run("rules", "draft", "--file", str(path))
    run("rules", "activate", "1")
    assert run("rules").out.splitlines()[-1] == (
        "Version 1 is older than the criterion full_day, which strategy default lacks: make a draft with it by "
        "stockline rules draft --new-criteria, or leave it if that is on purpose."
    )
    assert run("rules", "draft", "--new-criteria").out.startswith("Version 2 is a draft.")
    assert "full_day" in json.loads(run("rules", "show", "2").out)["strategies"][0]["criteria"]


def test_rules_that_cannot_be_are_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text('{"criteria": ["magic"]}')
    wrong = run("rules", "draft", "--file", str(path))
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("stockline: ruleset.criteria[0] = 'magic': use one of full_coverage,")
    path.write_text("[]")
    assert run("rules", "draft", "--file", str(path)).err == (
        "stockline: rules.json: use one JSON object, as stockline rules show prints it\n"
    )
    path.write_text("{")
    assert run("rules", "draft", "--file", str(path)).err.startswith("stockline: rules.json is not JSON: ")
    assert run("rules", "activate", "7").err == "stockline: there is no ruleset version 7: see stockline rules\n"


def test_rates_are_imported_and_listed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("country,zone\nDE,a\n")
    assert json.loads(run("rates", "import", str(path), "--json").out)["added"] == 1
    assert "DE" in run("rates", "zones").out
    path.write_text("carrier;zone;up_to_kg;price\nDHL;a;0.5;4.90\n", encoding="utf-8-sig")
    assert run("rates", "import", str(path)).out == "rates: 1 added, 0 changed, 0 removed, 0 same.\n"
    assert json.loads(run("rates", "--json").out)[0]["price"] == "4.90"
    path.write_bytes(b"country,zone\nDE,\xff\n")
    wrong = run("rates", "import", str(path))
    assert (wrong.code, wrong.err) == (2, "stockline: rates.csv is not UTF-8 text: save it as CSV UTF-8\n")


def test_a_warehouse_is_told_when_it_works(run: Run) -> None:
    run("warehouse", "add", "W1", "--country", "DE")
    done = run(
        "warehouse", "set", "W1", "--zone", "Europe/Berlin", "--hours", "mon-fri=08:00-12:00,13:00-17:00", "--hours",
        "sat=09:00-12:00", "--cutoff", "14:00", "--holiday", "2026-12-25", "--daily-orders", "40", "--accept-minutes",
        "none", "--handling", "1.20",
    )  # fmt: skip
    assert done.out == (
        "Saved accept_minutes, cutoff, daily_orders, handling, holidays, hours, zone of warehouse W1.\n"
    )
    (row,) = json.loads(run("warehouse", "--json").out)
    assert row["hours"]["fri"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    head, told = run("warehouse").out.splitlines()
    assert dict(zip(head.split()[-2:], told.split()[-2:], strict=True)) == {
        "accept_minutes": "40",
        "asks_from": "never",
    }
    assert (row["hours"]["sat"], "sun" in row["hours"]) == ([["09:00", "12:00"]], False)
    assert (row["daily_orders"], row["handling"], row["cutoff"]) == (40, "1.20", "14:00")
    run("warehouse", "set", "W1", "--hours", "always", "--cutoff", "none")
    (row,) = json.loads(run("warehouse", "--json").out)
    assert (row["hours"], row["cutoff"]) == ({}, None)


def test_what_a_warehouse_cannot_be_told_is_one_line(run: Run) -> None:
    run("warehouse", "add", "W1")
    for arguments, words in (
        (["--hours", "weekdays"], "--hours 'weekdays': write days=spans, such as mon-fri=08:00-17:00, or always"),
        (["--hours", "xyz=08:00-17:00"],
         "--hours 'xyz=08:00-17:00': days are mon, tue, wed, thu, fri, sat, sun, or a stretch such as mon-fri"),
        (["--hours", "mon=08:00"],
         "warehouse.hours.mon[0] = ['08:00']: use two times such as [\"08:00\", \"17:00\"]"),
        (["--daily-orders", "many"], "--daily-orders 'many': use a whole number, or none"),
        (["--zone", "Mars"], "warehouse.zone = 'Mars': use a name such as Europe/Berlin, Asia/Shanghai or UTC"),
        ([], "say what to set: stockline warehouse set --help"),
    ):  # fmt: skip
        done = run("warehouse", "set", "W1", *arguments)
        assert (done.code, done.err) == (2, f"stockline: {words}\n")
    assert run("warehouse", "set", "W9", "--zone", "UTC").err == "stockline: there is no warehouse 'W9'\n"


def test_bid_prices_are_listed_dearest_first(run: Run) -> None:
    run("db", "upgrade")
    assert run("route", "--prices").out == (
        "No piece is worth more than what sending it costs, or the rules ask for no bid prices.\n"
    )
    assert json.loads(run("route", "--prices", "SKU-1", "--json").out) == []
    wrong = run("route", "--prices", "--replay", "3")
    assert (wrong.code, wrong.err) == (
        2, "stockline: use --explain ORDER (and --what-if WAREHOUSE with it), --replay N, or --prices [SKU]\n",
    )  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    """Two warehouses and an order in the database that the commands open."""
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        migrate.upgrade(hub.db)
        world = World(hub.db)
        world.stock("A", "W1", 5)
        world.stock("A", "W2", 5)
        munich = {"country": "DE", "city": "Munich"}
        world.order("o1", A=2, more={"ship_to": munich})
        yield world


def test_a_decision_is_explained_with_its_next_best_and_what_would_change_it(run: Run, shop: World) -> None:
    said = run("route", "--explain", "o1", "--what-if", "W2").out.splitlines()
    assert said[2].split() == ["Warehouse", "Can", "give", "Parcels", "Distance", "Priority", "Leaves", "on", "Outcome"]
    assert said[0] == "o1: W1 has everything and is asked first (priority 1; W2 has 2)."
    assert said[1] == (
        "Second best: W2. Comes later: priority 2 instead of 1. "
        "Cost unknown: no shipping zone for the address, seen from W1 + W2."
    )
    assert said[-2:] == [
        "For W2 to win, one of these would be enough:", "- priority 1 (the smaller number is asked first)",
    ]  # fmt: skip
    body = json.loads(run("route", "--explain", "o1", "--what-if", "W2", "--json").out)
    assert (body["winner"]["warehouses"], body["runner_up"]["warehouses"], body["repeatable"]) == ("W1", "W2", True)
    assert body["differs"] == {"by": "priority", "winner": 1, "runner_up": 2}
    assert body["what_if"] == {"W2": [{"kind": "priority", "amount": 1, "sku": None}]}
    assert run("route", "--explain", "o1", "--what-if", "W1").out.splitlines()[-1] == "W1 gives pieces of it already."
    assert run("simulate", "--ruleset", "0").err == (
        "stockline: say which orders: --days N for those of the last days, or --file for a scenario; not both\n"
    )


def test_what_would_have_to_change_together_is_told_where_one_change_is_not_enough(run: Run, shop: World) -> None:
    for code, place in (("W0", ("--country", "DE", "--city", "Munich")), ("W3", ())):
        assert run("warehouse", "add", code, "--priority", "3", *place).code == 0
    shop.order("o2", A=2, more={"ship_to": {"country": "DE", "city": "Munich"}})
    assert run("route", "--explain", "o2", "--what-if", "W0").out.splitlines()[-3:] == [
        "No single change is enough for W0 to win; it takes all of these together:",
        "- 2 more free pieces of A", "- priority 1 (the smaller number is asked first)",
    ]  # fmt: skip
    body = json.loads(run("route", "--explain", "o2", "--what-if", "W0", "--json").out)
    assert body["what_if"] == {"W0": []}
    assert body["what_if_together"] == {"W0": [
        {"kind": "stock", "amount": 2, "sku": "A"}, {"kind": "priority", "amount": 1, "sku": None},
    ]}  # fmt: skip
    assert run("route", "--explain", "o2", "--what-if", "W3").out.splitlines()[-1] == (
        "Nothing that could be changed at W3 would let it win, not even all of it together."  # W1 stays before it
    )


def test_the_difference_in_money_is_told_whatever_the_rules_count_in(run: Run, shop: World, tmp_path: Path) -> None:
    zones, rates = tmp_path / "zones.csv", tmp_path / "rates.csv"
    zones.write_text("country,zone\nDE,home\n")
    rates.write_text("carrier,warehouse,zone,up_to_kg,price\nDHL,W1,home,31,4.90\nDHL,W2,home,31,3.70\n")
    for path in (zones, rates):
        assert run("rates", "import", str(path)).code == 0
    said = run("route", "--explain", "o1").out.splitlines()
    assert said[1] == (
        "Second best: W2. Comes later: priority 2 instead of 1. Its shipping and handling would cost 1.20 less "
        "(house currency)."
    )
    heads, first, second = said[2:5]
    assert [line[heads.index("Cost") :].split()[0] for line in (first, second)] == ["4.90", "3.70"]
    body = json.loads(run("route", "--explain", "o1", "--json").out)
    assert (body["difference"], body["cost_unknown"]) == ("-1.20", [])
    rates.write_text("carrier,warehouse,zone,up_to_kg,price\nDHL,W1,home,31,4.90\n")
    assert run("rates", "import", str(rates), "--replace").code == 0
    body = json.loads(run("route", "--explain", "o1", "--json").out)
    assert (body["difference"], body["cost_unknown"]) == (None, [{"warehouse": "W2", "zone": "home"}])


def test_money_is_told_in_the_currency_of_the_house(
    run: Run, shop: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones, rates = tmp_path / "zones.csv", tmp_path / "rates.csv"
    zones.write_text("country,zone\nDE,home\n")
    rates.write_text("carrier,warehouse,zone,up_to_kg,price\nDHL,W1,home,31,4.90\nDHL,W2,home,31,3.70\n")
    for path in (zones, rates):
        assert run("rates", "import", str(path)).code == 0
    monkeypatch.setenv("STOCKLINE_HOUSE_CURRENCY", "cny")
    said = run("route", "--explain", "o1", "--language", "zh_CN").out.splitlines()
    assert "¥1.20" in said[1] and "(CNY)" in said[2]
    assert "CN¥1.20 less" in run("route", "--explain", "o1").out
    heads = run("rates").out.splitlines()[0]
    assert "price (CNY)" in heads and "per_unit (CNY)" in heads
    assert json.loads(run("rates", "--json").out)[0]["price"] == "4.90"


def test_a_decision_is_explained_in_chinese_where_the_terminal_or_a_person_wants_it(
    run: Run, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = run("route", "--explain", "o1", "--what-if", "W2", "--language", "zh_CN").out.splitlines()
    assert asked[0] == "o1: W1 备齐全部商品且优先级在前（优先级 1；W2 为 2）。"
    assert "费用未知：从 W1 + W2 发往该地址没有对应的运费分区。" in asked[1]
    assert "lower_priority" not in "".join(asked)
    assert asked[-1] == "- 优先级为 1（数字小者先问）"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("route", "--explain", "o1", "--what-if", "W2").out.splitlines() == asked
    assert run("route", "--explain", "o1", "--language", "en").out.startswith("o1: W1 has everything")


def test_a_day_that_is_full_is_told(run: Run, shop: World) -> None:
    run("warehouse", "set", "W1", "--daily-orders", "1")
    for ref in ("o7", "o8"):
        shop.order(ref, A=1)
    said = run("route", "--explain", "o8").out
    assert "W1 sends on 2026-11-24 instead of 2026-11-23: moved because the day is full.\n" in said
    body = json.loads(run("route", "--explain", "o8", "--json").out)
    assert [(row["warehouses"], row["ships_on"], row["moved_from"]) for row in body["candidates"]] == [
        ("W2", "2026-11-23", None), ("W1", "2026-11-24", "2026-11-23"),
    ]  # fmt: skip


def test_stored_decisions_are_made_again(run: Run, shop: World) -> None:
    assert run("route", "--replay", "1000").out == "1 of 1 decisions came out the same again.\n"
    assert json.loads(run("route", "--replay", "10", "--json").out) == {
        "asked": 10, "replayed": 1, "identical": 1, "different": [],
    }  # fmt: skip
    with shop.db.write() as db:
        db.execute(t.routing_decisions.update().values(snapshot_hash="0"))
    done = run("route", "--replay", "10")
    assert (done.code, done.out.splitlines()) == (1, ["0 of 1 decisions came out the same again.", "Not the same: 1"])


def test_route_says_what_it_can_be_asked(run: Run) -> None:
    run("db", "upgrade")
    for arguments in ((), ("--explain", "x", "--replay", "1"), ("--what-if", "W1", "--replay", "1")):
        done = run("route", *arguments)
        assert (done.code, done.err) == (
            2, "stockline: use --explain ORDER (and --what-if WAREHOUSE with it), --replay N, or --prices [SKU]\n",
        )  # fmt: skip


def test_other_rules_are_simulated(run: Run, shop: World, tmp_path: Path) -> None:
    path = tmp_path / "nearest.json"
    path.write_text('{"criteria": ["distance"]}')
    said = run("simulate", "--ruleset", str(path), "--days", "365")
    assert said.err == ""
    assert "1 of 1 orders would go differently." in said.out.splitlines()
    assert [line.split() for line in said.out.splitlines() if line.startswith("pieces given")] == [
        ["pieces", "given,", "%", "100.0", "100.0"]
    ]
    assert "Simulation 1: a file against version 0" in said.out.splitlines()
    body = json.loads(run("simulate", "--ruleset", "0", "--days", "365", "--json").out)
    assert (body["id"], body["different"], body["base"]["complete"]) == (2, 0, 1)
    explained = json.loads(run("route", "--explain", "o1", "--json").out)
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"snapshot": explained["seen"], "demands": [explained["demand"]]}))
    body = json.loads(run("simulate", "--ruleset", str(path), "--file", str(scenario), "--json").out)
    assert (body["different"], body["trial"]["mix"]) == (1, {"W2": 1})
    wrong = run("simulate", "--ruleset", "nope.json", "--days", "1")
    assert wrong.err.startswith("stockline: --ruleset 'nope.json': use the number of a version, or a JSON file")


def test_rules_that_come_with_the_program_are_drafted_by_name(run: Run) -> None:
    assert run("rules", "draft", "--named", "cheapest").out.startswith("Version 1 is a draft.")
    assert json.loads(run("rules", "show", "1").out)["name"] == "cheapest"


def test_an_order_is_moved_and_cancelled(run: Run, shop: World) -> None:
    made = run("move", "o1", "W2", "--note", "closer")
    assert made.out == f"o1 goes to W2: pick list {shop.lists('o1', 'open')[0].id}.\n"
    assert shop.takes("o1") == {("W2", "A"): 2}
    assert run("move", "o1", "W2").err.startswith("stockline: nothing of order")
    assert run("cancel", "o1").err == "stockline: --reason: say why, the channel and the timeline are told\n"
    both = run("cancel", "o1", "--accept", "--refuse")
    assert (both.code, both.err) == (
        2, "stockline: --accept and --refuse answer the same request: say one of them. See: stockline cancel --help\n",
    )  # fmt: skip
    assert run("cancel", "o1", "--reason", "the buyer rang").out == "o1: cancelled.\n"
    assert shop.state("o1") == "cancelled"
    assert run("cancel", "o1", "--accept").err.startswith("stockline: nothing is asked about order #o1")
