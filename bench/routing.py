"""Figures of the router: what serving published instances costs, and how exact and how fast it is.

`python -m bench.routing [--quick | --full]` prints them alone; --full plays 30 instances x 30 sequences.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from statistics import mean
from typing import Any

from bench.registry import Figure, Key, at_least, at_most
from bench.routing_exact import gaps
from bench.routing_lp import lp_seconds
from bench.routing_play import BASELINES, OURS, Policy
from bench.routing_runs import DEFAULT, FULL, QUICK, Run, Scale, large, small, small_b
from bench.routing_speed import us_per_order

WORST, MANY_PLACES_GAP, DECIMALS = 1.06, 0.001, 4


def js_small(scale: Scale) -> Figure:
    """Mean over instances of cost / program of the expected orders; the worst instance has a bar of its own."""
    runs = small(scale)
    ratios = _by_instance(runs)
    beside = {
        "worst_instance": _short(max(ratios)), "worst_bar": f"<= {WORST:g}", "instances": len(ratios),
        "sequences": len(runs), "policies": _policies(runs),
    }  # fmt: skip
    return Figure((mean(ratios),), beside, also_ok=max(ratios) <= WORST)


def gap_captured(scale: Scale) -> Figure:
    """Mean over sequences of the share of the gap between cheapest order by order and perfect foresight."""
    shares = [run.gap_captured() for run in small(scale)]
    return Figure((mean(shares),), {"least": _short(min(shares)), "most": _short(max(shares)), "published": 0.36})


def js_small_b(scale: Scale) -> Figure:
    """The same where each unfilled piece costs 100."""
    runs = small_b(scale)
    ratios = _by_instance(runs)
    foresight = mean(run.hindsight / run.expected for run in runs)
    beside = {"worst_instance": _short(max(ratios)), "perfect_foresight": _short(foresight),
              "sequences": len(runs), "fill_rate": _fill(runs, OURS), "policies": _policies(runs)}  # fmt: skip
    return Figure((mean(ratios),), beside)


def js_large(scale: Scale) -> Figure:
    """The worse of the large instances."""
    found = {f"carry_{carry:g}": run for carry, run in large(scale)}
    beside = {
        name: {"ratio": _short(run.ratio()), "fill_rate": _fill([run], OURS)} | _seconds(run)
        for name, run in found.items()
    }
    return Figure((max(run.ratio() for run in found.values()),), beside | {"arrivals": scale.large_arrivals})


def exact_gap(scale: Scale) -> Figure:
    """Greatest gap to the exact optimum over random orders: up to 8 places, and beside it 9 to 14."""
    count = 1000 if scale.instances > QUICK.instances else 100
    few, many = gaps(1, count, (2, 8)), gaps(2, count // 5, (9, 14))
    beside = {"orders": len(few), "many_places": _short(max(many)), "many_places_bar": f"<= {MANY_PLACES_GAP:g}",
              "many_places_orders": len(many)}  # fmt: skip
    return Figure((max(few),), beside, also_ok=max(many) <= MANY_PLACES_GAP)


def _by_instance(runs: Sequence[Run]) -> list[float]:
    ratios = defaultdict(list)
    for run in runs:
        ratios[run.instance].append(run.ratio())
    return [mean(found) for found in ratios.values()]


def _policies(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Policy -> cost over program, money an order, share of pieces given, parcels an order; on the same sequences."""
    fair = [run for run in runs if all(name in run.outcomes for name in runs[0].outcomes)]
    return {
        policy.name: {
            "cost_over_dlp": _short(mean(run.ratio(policy) for run in fair)),
            "money_per_order": _short(_per_order(fair, policy, "cost") / 1e6),
            "fill_rate": _fill(fair, policy),
            "parcels_per_order": _short(_per_order(fair, policy, "parcels")),
        }
        for policy in (OURS, *reversed(BASELINES))
        if policy.name in runs[0].outcomes
    }


def _per_order(runs: Sequence[Run], policy: Policy, what: str) -> float:
    outcomes = [run.outcomes[policy.name] for run in runs]
    return float(sum(getattr(outcome, what) for outcome in outcomes)) / sum(outcome.orders for outcome in outcomes)


def _fill(runs: Sequence[Run], policy: Policy) -> float:
    outcomes = [run.outcomes[policy.name] for run in runs]
    missing, pieces = sum(outcome.missing for outcome in outcomes), sum(outcome.pieces for outcome in outcomes)
    return _short(1 - missing / pieces)


def _seconds(run: Run) -> dict[str, float]:
    outcome = run.outcomes[OURS.name]
    return {"plan_s": round(outcome.plan_s, 1), "price_s": round(outcome.price_s, 1)}


def _short(value: float) -> float:
    return round(value, DECIMALS)


Measure = Callable[[Scale], Figure]


def _at(measure: Measure, quick: bool) -> Figure:
    return measure(QUICK if quick else DEFAULT)


MEASURES: tuple[tuple[str, str, Any, Measure], ...] = (
    ("routing.js_small", "cost over the linear program, small network", at_most(1.035), js_small),
    ("routing.gap_captured", "of the gap between greedy and perfect foresight", at_least(0.60), gap_captured),
    ("routing.js_small_b", "the same with 100 per unfilled piece", at_most(1.05), js_small_b),
    ("routing.js_large", "cost over the linear program, large network", at_most(1.05), js_large),
    ("routing.exact_gap", "gap to the exact optimum of an order", at_most(0.0), exact_gap),
    ("routing.us_per_order", "microseconds to plan an order in a batch", None, us_per_order),
    ("routing.lp_seconds_10k", "seconds to price 10,000 pairs of SKU and warehouse", at_most(2.0), lp_seconds),
)
KEYS = tuple(Key(name, tells, bar, partial(_at, measure)) for name, tells, bar, measure in MEASURES)


def main(words: Sequence[str]) -> None:
    """Print the figures as one JSON object."""
    scale = FULL if "--full" in words else QUICK if "--quick" in words else DEFAULT
    found = {key.name: key.judged(measure(scale)) for key, (*_, measure) in zip(KEYS, MEASURES, strict=True)}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
