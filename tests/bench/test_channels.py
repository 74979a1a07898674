"""The arithmetic of the bench of channels; what it runs is tested in tests/chaos."""

from __future__ import annotations

from bench.channels import failed
from bench.isolation import BAR, percentiles, ratios, slowest
from bench.isolation_round import Waits
from bench.registry import judged

CALM = Waits([float(n) for n in range(101)], {"one": [10.0] * 25, "two": [10.0] * 25}, 0)


def throttled(factor: float, refused: int = 40) -> Waits:
    """The calm round, so many times slower for orders."""
    return Waits([factor * wait for wait in CALM.orders], {"one": [10.5] * 50}, refused)


def test_percentiles_lie_between_the_waits() -> None:
    assert percentiles(CALM.orders) == {"p50_ms": 50.0, "p99_ms": 99.0, "count": 101}
    assert percentiles([1.0, 2.0]) == {"p50_ms": 1.5, "p99_ms": 2.0, "count": 2}


def test_each_pair_of_rounds_gives_one_ratio_and_the_median_is_judged() -> None:
    found = ratios([(CALM, throttled(1.0)), (CALM, throttled(1.3)), (CALM, throttled(1.1))])
    assert [round(value, 3) for value in found["orders_p99_ratio"].values] == [1.0, 1.3, 1.1]
    assert [round(value, 3) for value in found["pushes_p99_ratio"].values] == [1.05, 1.05, 1.05]
    told = judged(found["orders_p99_ratio"], BAR)
    assert {name: told[name] for name in ("median", "min", "max", "rounds", "bar", "ok")} == {
        "median": 1.1, "min": 1.0, "max": 1.3, "rounds": 3, "bar": "<= 1.1", "ok": True,
    }  # fmt: skip
    assert told["answers_429"] == [40, 40, 40]
    assert told["without"] == [{"p50_ms": 50.0, "p99_ms": 99.0, "count": 101}] * 3
    assert [side["p99_ms"] for side in told["with"]] == [99.0, 128.7, 108.9]


def test_the_channel_that_decides_the_pushes_is_named() -> None:
    assert slowest(Waits([], {"quick": [1.0] * 99, "slow": [7.0, 9.0], "silent": []}, 0)) == "slow 9.0 ms"
    assert slowest(Waits([], {}, 0)) == "none"
    found = ratios([(CALM, throttled(1.0))])
    assert found["pushes_p99_ratio"].beside["slowest"] == [("one 10.0 ms", "one 10.5 ms")]


def test_a_median_above_the_bar_is_missed() -> None:
    found = ratios([(CALM, throttled(1.0)), (CALM, throttled(1.2)), (CALM, throttled(1.12))])
    assert judged(found["orders_p99_ratio"], BAR)["ok"] is False


def test_a_round_in_which_nobody_answered_429_proves_nothing() -> None:
    found = ratios([(CALM, throttled(1.0)), (CALM, throttled(1.0, refused=0))])
    assert [judged(figure, BAR)["ok"] for figure in found.values()] == [False, False]


def test_the_parts_whose_bar_was_missed_are_named() -> None:
    isolation = {"orders_p99_ratio": {"ok": True}, "pushes_p99_ratio": {"ok": False}}
    assert failed({"chaos": {"ok": False}, "isolation": isolation}) == ["chaos", "pushes_p99_ratio"]
    assert failed({"chaos": {"ok": True}}) == []
    assert failed({"isolation": {"orders_p99_ratio": {"ok": True}}}) == []
