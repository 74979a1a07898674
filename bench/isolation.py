"""What one connection that answers 429 for its whole life costs the others: their waits without it and with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from bench.forms import scaled
from bench.isolation_round import Waits, waits
from bench.places import Server
from bench.registry import Figure, at_most, judged

BAR = at_most(1.10)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """rounds: pairs of one round without and one with it. orders: how many the others get in a round."""

    rounds: int
    orders: int


def isolation(server: Server, broker: str, plan: Plan, seed: int, say: Say) -> dict[str, Any]:
    """The judged figures `orders_p99_ratio` and `pushes_p99_ratio`, and the percentiles of every round beside them."""
    pairs = [_pair(server, broker, plan, seed, number, say) for number in range(plan.rounds)]
    return {name: judged(figure, BAR) for name, figure in ratios(pairs).items()}


def _pair(server: Server, broker: str, plan: Plan, seed: int, number: int, say: Say) -> tuple[Waits, Waits]:
    """(without, with), in turns which of them goes first."""
    found: dict[bool, Waits] = {}
    for throttled in (False, True) if number % 2 == 0 else (True, False):
        with scaled(server, broker) as hub:
            found[throttled] = waits(hub, plan.orders, seed + number, throttled)
        told = ", ".join(f"{name} {percentiles(values)}" for name, values in found[throttled].by_name.items())
        say(f"pair {number + 1}, {'with' if throttled else 'without'} the one that answers 429: {told}")
    return found[False], found[True]


def ratios(pairs: Sequence[tuple[Waits, Waits]]) -> dict[str, Figure]:
    """The 99th percentiles with it over those without it, pair by pair; worthless where it never answered 429."""
    answers = [throttled.refused for _, throttled in pairs]
    found = {}
    for name in ("orders", "pushes"):
        sides = [tuple(percentiles(side.by_name[name]) for side in pair) for pair in pairs]
        beside = {"without": [calm for calm, _ in sides], "with": [bad for _, bad in sides], "answers_429": answers}
        if name == "pushes":
            beside["slowest"] = [tuple(slowest(side) for side in pair) for pair in pairs]
        values = tuple(bad["p99_ms"] / calm["p99_ms"] for calm, bad in sides)
        found[f"{name}_p99_ratio"] = Figure(values, beside, also_ok=min(answers) > 0)
    return found


def slowest(side: Waits) -> str:
    """The channel whose numbers waited longest, with its 99th percentile: it may be all that the ratio tells of."""
    found = {channel: percentiles(waits)["p99_ms"] for channel, waits in side.pushes_of.items() if len(waits) > 1}
    channel = max(found, key=found.__getitem__, default="")
    return f"{channel} {found[channel]} ms" if found else "none"


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """`p50_ms` and `p99_ms`, and how many waits there were: two at least."""
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "count": len(values)}
