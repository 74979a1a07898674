"""The parts of a strategy: filters, criteria, objective in money, how to split, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical.errors import BadInput
from hub.rules.routing.reading import Reader, a_whole, micros, money_text, one_of
from hub.rules.routing.words import said

CRITERIA = ("full_coverage", "fewest_parcels", "full_day", "priority", "distance")
"""The criteria of the default: today's words of a flat ruleset.
full_coverage: one place that gives everything before any combination. fewest_parcels: fewer places.
full_day: the earlier ship day where a full day moved a place that has some of it; else all are equal.
priority: smaller sum of the places' priorities. distance: smaller sum of the parcels' kilometers, unknown last."""

ALL_CRITERIA = (
    *CRITERIA, "cost", "availability", "ships_on", "weeks_of_supply", "stock_balance", "capacity_left",
)  # fmt: skip
"""cost: shipping and handling in money. availability: percent of the pieces that it can give, more first.
ships_on: earlier first, unknown last. weeks_of_supply: what its scarcest demanded SKU lasts at its own sales, longest
first, unknown last. stock_balance: most pieces of the demanded SKUs first. capacity_left: most orders left first.
The last four and full_day look at the worst place of a combination."""

BANDS = {"distance": "km", "cost": "money", "availability": "percent", "ships_on": "days"}
"""Criteria that may be compared in bands, and the unit of a band: a tie inside a band goes to the next criterion."""

COSTS = ("shipping", "handling", "split", "capacity", "stockout", "scarcity", "ageing", "lateness")
"""The parts of the weighted objective. scarcity: bid prices. ageing: a relief, it lowers the cost."""

KINDS = ("warehouse", "store", "supplier")
ACTIONS = ("next", "queue", "backorder", "wait_until", "cancel_after", "transfer_request")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison. `band`: 0 = exact; else kilometers, micros, percent or days."""

    by: str
    band: int = 0

    def to_body(self) -> Any:
        if not self.band:
            return self.by
        return {"by": self.by, "band": money_text(self.band) if self.by == "cost" else self.band}


def read_criterion(body: object, path: str) -> Criterion:
    if isinstance(body, str):
        return Criterion(one_of(body, path, ALL_CRITERIA))
    if not isinstance(body, Mapping) or set(body) != {"by", "band"}:
        raise BadInput(f'{path} = {body!r}: use the name of a criterion, or {{"by": name, "band": size}}')
    name = one_of(body["by"], f"{path}.by", tuple(BANDS))
    where = f"{path}.band"
    band = micros(body["band"], where) if name == "cost" else a_whole(body["band"], where, 1, 100_000)
    if not band:
        raise BadInput(f"{where} = {body['band']!r}: use more than 0")
    return Criterion(name, band)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a place must fulfill for this strategy. Always on: active, not refused, ships to the country, capacity left.

    tags, kinds, places: at least one of these, () = any; not_tags, not_places: none of these.
    max_km:         no farther than this; a place whose distance is unknown is too far.
    within_days:    hands over so many days after the plan at the latest; an unknown day is too late.
    in_time:        arrives by the order's deliver_by at the known transit time; an order without it bars nobody.
    all_available:  has every piece of the order.
    min_confidence: SKUs whose stock it is believed less, in permille, count as none.
    min_left:       so many pieces of a SKU stay behind.
    """

    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()
    max_km: int | None = None
    within_days: int | None = None
    in_time: bool = False
    all_available: bool = False
    min_confidence: int = 0
    min_left: int = 0

    def to_dict(self) -> dict[str, Any]:
        body = said(self, self.__dataclass_fields__)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in body.items()}


NO_FILTERS = Filters()


def read_filters(body: object, path: str) -> Filters:
    read = Reader(body, path)
    found = Filters(
        read.texts("tags"), read.texts("not_tags"), read.texts("kinds", KINDS), read.texts("places"),
        read.texts("not_places"), read.maybe_whole("max_km"), read.maybe_whole("within_days"), read.flag("in_time"),
        read.flag("all_available"), read.whole("min_confidence", 0, most=1000), read.whole("min_left", 0),
    )  # fmt: skip
    read.done()
    return found


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a parcel costs where no rate is known, in micros: base + per piece + per km + per piece and km + per kg."""

    base: int = 0
    per_unit: int = 0
    per_km: int = 0
    per_unit_km: int = 0
    per_kg: int = 0


@dataclass(frozen=True, slots=True)
class Objective:
    """The weighted objective, in micros; less is better.

    weights:  permille of each part of `COSTS` that does not count once (1000).
    split:    of each parcel after the first.
    capacity: of a parcel from a place that is quite full; in proportion while it fills.
    stockout, stockout_days: of a piece where the stock lasts no day; in proportion below so many days of sales.
    ageing, ageing_days:     relief for a piece of a lot that expires today; in proportion within so many days.
    late:     of a parcel, for each day after deliver_by.
    """

    weights: tuple[tuple[str, int], ...] = ()
    estimate: Estimate = Estimate()
    split: int = 0
    capacity: int = 0
    stockout: int = 0
    stockout_days: int = 7
    ageing: int = 0
    ageing_days: int = 30
    late: int = 0

    def weight(self, part: str) -> int:
        return next((permille for name, permille in self.weights if name == part), 1000) if self.weights else 1000

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"weights": dict(self.weights)} if self.weights else {}
        if self.estimate != Estimate():
            prices = said(self.estimate, self.estimate.__dataclass_fields__)
            body["estimate"] = {name: money_text(value) for name, value in prices.items()}
        money = said(self, ("split", "capacity", "stockout", "ageing", "late"))
        body |= {name: money_text(value) for name, value in money.items()}
        return body | said(self, ("stockout_days", "ageing_days"))


def read_objective(body: object, path: str) -> Objective:
    read = Reader(body, path)
    found = Objective(
        read.section("weights", _read_weights, ()), read.section("estimate", read_estimate, Estimate()),
        read.money("split"), read.money("capacity"), read.money("stockout"), read.whole("stockout_days", 7, 1),
        read.money("ageing"), read.whole("ageing_days", 30, 1), read.money("late"),
    )  # fmt: skip
    read.done()
    return found


def _read_weights(body: object, path: str) -> tuple[tuple[str, int], ...]:
    read = Reader(body, path)
    weights = tuple((part, read.whole(part, 1000, most=100_000)) for part in COSTS)
    read.done()
    return tuple(row for row in weights if row[1] != 1000)


def read_estimate(body: object, path: str) -> Estimate:
    read = Reader(body, path)
    found = Estimate(*(read.money(name) for name in Estimate.__dataclass_fields__))
    read.done()
    return found


@dataclass(frozen=True, slots=True)
class Split:
    """How an order may be cut. `most`: parcels at most, None = any number.

    fewest:         fewer parcels before everything else.
    min_part_value: each parcel of a split order is worth at least so many micros.
    keep_together:  pieces of one group come from one place.
    """

    most: int | None = None
    fewest: bool = False
    min_part_value: int = 0
    keep_together: bool = True

    def to_dict(self) -> dict[str, Any]:
        body = said(self, ("most", "fewest", "keep_together"))
        return body | ({"min_part_value": money_text(self.min_part_value)} if self.min_part_value else {})


def read_split(body: object, path: str) -> Split:
    """Also the words "none" (one parcel), "any" and "fewest"."""
    if isinstance(body, str):
        name = one_of(body, path, ("none", "any", "fewest"))
        return Split(most=1 if name == "none" else None, fewest=name == "fewest")
    read = Reader(body, path)
    found = Split(
        read.maybe_whole("most", 1), read.flag("fewest"), read.money("min_part_value"), read.flag("keep_together", True)
    )
    read.done()
    return found


@dataclass(frozen=True, slots=True)
class Leftover:
    """What becomes of what the strategy cannot give.

    action:  next = the next strategy tries, then queue; queue = a person looks at it; backorder; wait_until so many
             `days`; cancel_after so many `days`; transfer_request = ask another warehouse to send stock.
    partial: what there is is given; else an order is taken whole or not at all.
    keep:    what there is stays reserved for an order that waits, and leaves once the rest is there.
    unfilled_order, unfilled_piece: what leaving pieces out costs, in micros, once and for each; with `partial` and
             search = cheapest pieces may then be left out because giving them costs more. None: all there is is given.
    """

    action: str = "queue"
    partial: bool = False
    days: int = 0
    unfilled_order: int = 0
    unfilled_piece: int | None = None
    keep: bool = False

    @property
    def takes_parts(self) -> bool:
        """Whether an order that is not complete takes what there is: to be sent, or to be kept."""
        return self.partial or self.keep

    def to_dict(self) -> dict[str, Any]:
        body = said(self, ("action", "partial", "keep", "days"))
        money = said(self, ("unfilled_order", "unfilled_piece"))
        return body | {name: money_text(value) for name, value in money.items()}


def read_leftover(body: object, path: str) -> Leftover:
    read = Reader(body, path)
    found = Leftover(
        read.word("action", "queue", ACTIONS), read.flag("partial"), read.whole("days", 0, most=3650),
        read.money("unfilled_order"), read.maybe_money("unfilled_piece"), read.flag("keep"),
    )  # fmt: skip
    read.done()
    if found.keep and (found.partial or found.action == "next"):
        raise BadInput(f"{path}.keep: leave out partial, and let the order wait: action is not next")
    if found.action in ("wait_until", "cancel_after") and not found.days:
        raise BadInput(f"{path}.days: {found.action} needs a number of days from 1")
    if (found.unfilled_piece is not None or found.unfilled_order) and not found.partial:
        raise BadInput(f"{path}.partial: a price for missing pieces needs partial = true")
    return found
