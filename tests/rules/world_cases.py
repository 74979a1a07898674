"""Whole batches with every word of routing in them, by seed: lots, groups, capacity, rates, confidence, strategies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hub.rules.routing import Demand, Piece, Place, Point, Rate, Ruleset, Snapshot
from hub.rules.routing.policies import ACTIONS, ALL_CRITERIA, BANDS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SKUS = ("mug", "tee", "cap")
POINTS = (None, Point(22.5, 114.1), Point(52.5, 13.4), Point(53.5, 10.0), Point(34.0, -118.2))


def day(rnd: Random, least: int = 0, most: int = 9) -> date:
    return NOW.date() + timedelta(days=rnd.randint(least, most))


def snapshot(rnd: Random) -> Snapshot:
    places = [_place(rnd, f"W{n}") for n in range(rnd.randint(2, 6))]
    rnd.shuffle(places)
    keys = [(place.code, sku) for place in places for sku in SKUS]
    free = {key: rnd.choice((-1, 0, 1, 2, 3, 6)) for key in keys}
    lotted = set(rnd.sample(SKUS, rnd.randint(0, 2)))
    lots = {key: _lots(rnd) for key in keys if key[1] in lotted and rnd.random() < 0.8}
    return Snapshot(
        tuple(places),
        free,
        lots,
        {key: rnd.choice((0, 500, 1000)) for key in keys if rnd.random() < 0.1},
        {place.code: (rnd.randint(0, 3), 3) for place in places if rnd.random() < 0.4},
        tuple(_rate(rnd, place.code, n) for place in places for n in range(rnd.randint(0, 2))),
        {key: rnd.randint(0, 900_000) for key in keys if rnd.random() < 0.5},
        {key: rnd.randint(100, 3000) for key in keys if rnd.random() < 0.5},
        NOW,
    )


def _place(rnd: Random, code: str) -> Place:
    place = Place(
        code, rnd.randint(1, 3), rnd.random() > 0.05, rnd.choice(POINTS), "DE",
        rnd.choice((frozenset(), frozenset(), frozenset({"DE"}))), rnd.choice(("warehouse", "store")),
        frozenset(rnd.sample(("cold", "fast"), rnd.randint(0, 2))), "", rnd.choice((None, day(rnd, 0, 3))),
        rnd.choice((0, 500_000)), rnd.choice((0, 50_000)),
    )  # fmt: skip
    full = place.priority == 2 and place.ships_on is not None and place.ships_on > NOW.date()
    return replace(place, moved_from=NOW.date() if full else None)


def _lots(rnd: Random) -> tuple[tuple[str, str | None, int], ...]:
    days = [rnd.choice((None, day(rnd, 5, 90).isoformat())) for _ in range(rnd.randint(0, 3))]
    return tuple((f"L{n}", until, rnd.randint(0, 3)) for n, until in enumerate(days))


def _rate(rnd: Random, code: str, number: int) -> Rate:
    steps = ((1000, rnd.randint(1, 5) * 10**6, 0), (9000, rnd.randint(5, 9) * 10**6, 0))
    return Rate(code, rnd.choice(("near", "far")), steps, rnd.randint(0, 6), "post", str(number))


def demand(rnd: Random, number: int) -> Demand:
    pieces = tuple(_piece(rnd, n) for n in range(rnd.randint(1, 4)))
    return Demand(
        f"order-{number}", pieces, rnd.choice((None, "DE", "CN")), rnd.choice(POINTS),
        frozenset(rnd.sample(("W0", "W1"), rnd.choice((0, 0, 1)))), rnd.random() < 0.1,
        (("", rnd.choice(("near", "far"))),),
        rnd.choice(("shopify", "edi")), "1", frozenset(rnd.sample(("gift", "vip"), rnd.randint(0, 1))), "", "paid",
        NOW - timedelta(minutes=rnd.randint(0, 900)), rnd.choice((None, day(rnd, 1, 6))), rnd.randint(1, 3),
        rnd.randint(1, 99) * 10**6, rnd.choice((None, None, None, None, "W1")),
    )  # fmt: skip


def _piece(rnd: Random, number: int) -> Piece:
    return Piece(
        str(number), rnd.choice(SKUS), rnd.randint(0, 3), rnd.choice((0, 300, 1500)), rnd.randint(1, 30) * 10**6,
        rnd.choice(("", "", "", "kit", "gift")), rnd.choice((None, None, day(rnd, 20, 60))),
        rnd.choice(((), (), (), ("L0", "L1"))),
    )  # fmt: skip


def ruleset(rnd: Random) -> Ruleset:
    body: dict[str, Any] = {
        "version": rnd.randint(1, 9),
        "strategies": [_strategy(rnd, n) for n in range(rnd.randint(1, 3))],
        "improve": rnd.choice((0, 0, 60)),
    }
    if rnd.random() < 0.5:
        first = {"all": [{"field": "tags", "op": "any_of", "value": ["vip"]}]}
        body["batches"] = [{"include": first, "sort": ["placed_at"]}, {"sort": ["priority", "-value", "deliver_by"]}]
    return Ruleset.from_dict(body)


def _strategy(rnd: Random, number: int) -> dict[str, Any]:
    search = rnd.choice(("best", "best", "walk", "cheapest"))
    body: dict[str, Any] = {"name": f"s{number}", "search": search, "leftover": _leftover(rnd, search)}
    if search != "cheapest":
        body["criteria"] = [_criterion(rnd, name) for name in rnd.sample(ALL_CRITERIA, rnd.randint(0, 4))]
    if rnd.random() < 0.4:
        body["when"] = {
            "any": [
                {"field": "channel", "op": "is", "value": "shopify"},
                {"field": "units", "op": "at_least", "value": 4},
            ]
        }
    body["objective"] = {"estimate": {"base": "3.00", "per_km": "0.01", "per_kg": "0.50"}, "split": "0.25",
                         "late": "1.00", "capacity": "1.00", "stockout": "0.70", "ageing": "0.40"}  # fmt: skip
    body["split"] = rnd.choice(
        ("none", "any", "fewest", {"most": 2}, {"min_part_value": "15.00"}, {"keep_together": False})
    )
    options: list[dict[str, Any]] = [
        {}, {}, {"tags": ["cold"]}, {"not_tags": ["fast"]}, {"kinds": ["warehouse"]}, {"max_km": 2000},
        {"within_days": 1}, {"in_time": True}, {"all_available": True},
        {"min_confidence": 600}, {"min_left": 1}, {"not_places": ["W2"]},
    ]  # fmt: skip
    return body | {"filters": rnd.choice(options)}


def _leftover(rnd: Random, search: str) -> dict[str, Any]:
    body: dict[str, Any] = {"action": rnd.choice(("next", *ACTIONS)), "partial": rnd.random() < 0.6, "days": 4}
    if search == "cheapest" and body["partial"] and rnd.random() < 0.5:
        body |= {"unfilled_piece": "2.00", "unfilled_order": "1.00"}
    return body


def _criterion(rnd: Random, name: str) -> Any:
    if name not in BANDS or rnd.random() < 0.5:
        return name
    return {"by": name, "band": "1.50" if name == "cost" else rnd.choice((1, 50))}


def world(seed: int) -> tuple[Snapshot, tuple[Demand, ...], Ruleset]:
    """One batch of up to six orders."""
    rnd = Random(seed)
    return snapshot(rnd), tuple(demand(rnd, n) for n in range(rnd.randint(1, 6))), ruleset(rnd)
