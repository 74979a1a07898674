"""Lag-aware publishing: how many units a channel may sell that are gone already, before it hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, exp, lgamma, log, sqrt
from typing import Any

DAY_MS = 86_400_000
LATENCY_PERMILLE = 950
SERVICE_PERMILLE = 990
MEASURED = 20
"""Latencies kept per listing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The arithmetic of one component's buffer.

    sold_elsewhere: base units sold in `days` days not through this listing (the channel itself takes off its own
                    sales). latency_ms: the quantile of the measured times from a change to its confirmation.
    expected:       base units sold elsewhere in that time. pieces: the quantile of what may be sold then.
    buffer:         listing units to keep back.
    """

    sku: str
    sold_elsewhere: int
    days: float
    per_day: float
    latency_permille: int
    latency_ms: int
    service_permille: int
    expected: float
    pieces: int
    per_unit: int
    buffer: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def pace(
    sku: str, sold_elsewhere: int, days: float, latencies_ms: Sequence[int], per_unit: int = 1,
    service_permille: int = SERVICE_PERMILLE,
) -> Pace:  # fmt: skip
    """The units of a listing to keep back because of what sells elsewhere while a push is under way.

    Sales are taken as a Poisson process of the measured rate; the buffer is the smallest number that they do not pass
    in `service_permille` of 1000 pushes, over a time that 950 of 1000 measured pushes did not need longer for.
    Nothing measured or nothing sold: 0.

    Args:   per_unit: base units in one listing unit.
    Source: demand over a lead time, as for a reorder point: Hadley and Whitin, Analysis of Inventory Systems (1963), 4.
    """
    latency = nearest_rank(latencies_ms, LATENCY_PERMILLE)
    per_day = max(0, sold_elsewhere) / days if days > 0 else 0.0
    expected = per_day * latency / DAY_MS
    pieces = poisson_quantile(expected, service_permille / 1000)
    return Pace(
        sku, max(0, sold_elsewhere), round(days, 3), round(per_day, 3), LATENCY_PERMILLE, latency, service_permille,
        round(expected, 6), pieces, per_unit, ceil(pieces / max(1, per_unit)),
    )  # fmt: skip


def nearest_rank(values: Sequence[int], permille: int) -> int:
    """The empirical quantile by nearest rank: the smallest value that `permille` of 1000 do not pass; 0 of none."""
    if not values:
        return 0
    return sorted(values)[max(1, ceil(len(values) * permille / 1000)) - 1]


def poisson_quantile(mean: float, quantile: float) -> int:
    """The smallest n with P(X <= n) >= quantile for a Poisson X; 0 for a mean of 0."""
    if mean <= 0:
        return 0
    n = max(0, int(mean - 12 * sqrt(mean)))  # below it lies less than 1e-30
    below = 0.0
    while True:
        below += exp(n * log(mean) - mean - lgamma(n + 1))
        if below >= quantile:
            return n
        n += 1
