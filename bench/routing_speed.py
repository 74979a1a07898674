"""How long planning one order takes in a batch, beside reading the same orders' JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from bench.payloads import Mix, orders, sku_of
from bench.registry import Figure
from bench.routing_runs import QUICK, Scale
from bench.routing_sites import MORE_WAREHOUSES, WAREHOUSES
from hub.rules.routing import Demand, Piece, Place, Ruleset, Snapshot, plan
from hub.store.geodata import locate

SKUS, BATCH, BATCHES, ROUNDS = 10_000, 500, 4, 5
ESTIMATE = {"base": "8.759", "per_unit": "0.423", "per_unit_km": "0.000336"}
IN_MONEY = Ruleset.from_dict(
    {"version": 1, "strategies": [{"name": "money", "search": "cheapest", "objective": {"estimate": ESTIMATE}}]}
)
DEFAULT_RULES = Ruleset(version=0)


def company(seed: int) -> Snapshot:
    """Ten warehouses, each with pieces of 70 % of the SKUs, each pair with a bid price."""
    random, codes = Random(seed), WAREHOUSES | MORE_WAREHOUSES
    places = tuple(Place(code, rank, point=point) for rank, (code, point) in enumerate(codes.items(), 1))
    keys = [(code, sku_of(sku)) for code in codes for sku in range(SKUS) if random.random() < 0.7]
    free = {key: random.randint(1, 200) for key in keys}
    return Snapshot(places, free, prices={key: random.randint(0, 2_000_000) for key in keys})


def demand_of(body: Mapping[str, Any]) -> Demand:
    """A webhook's order in the planner's words."""
    to = body["shipping_address"]
    found = locate(to["country_code"], to["zip"], to["city"], to["province_code"])
    pieces = tuple(Piece(str(line["id"]), line["sku"], line["quantity"]) for line in body["line_items"])
    return Demand(str(body["id"]), pieces, to["country_code"], found.point if found else None)


def us_per_order(scale: Scale) -> Figure:
    """Microseconds an order under an objective in money with bid prices, in batches of 500; alternating rounds."""
    rounds = 1 if scale.instances <= QUICK.instances else ROUNDS
    snapshot = company(1)
    bodies = [body for _, body in orders(1, 0, BATCH * BATCHES, Mix(SKUS))]
    demands = [demand_of(json.loads(body)) for body in bodies]
    batches = [demands[at : at + BATCH] for at in range(0, len(demands), BATCH)]
    ours: list[float] = []
    usual: list[float] = []
    reading: list[float] = []
    for _ in range(rounds):
        ours.append(_us(lambda: [plan(snapshot, batch, IN_MONEY) for batch in batches], len(demands)))
        usual.append(_us(lambda: [plan(snapshot, batch, DEFAULT_RULES) for batch in batches], len(demands)))
        reading.append(_us(lambda: [json.loads(body) for body in bodies], len(bodies)))
    figure = Figure(tuple(ours))
    beside = {
        "over_json": round(figure.median / Figure(tuple(reading)).median, 2),
        "json_us": round(Figure(tuple(reading)).median, 2), "default_rules_us": round(Figure(tuple(usual)).median, 2),
        "orders": len(demands), "batch": BATCH, "warehouses": len(snapshot.places),
    }  # fmt: skip
    return Figure(figure.values, beside)


def _us(work: Callable[[], object], orders_: int) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / orders_ * 1e6
