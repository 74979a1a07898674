"""A thousand stored decisions, under rules of every kind, are made again from what they saw."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from hub.reports.routing import replay_decisions
from hub.rules.routing import NAMED, plan
from hub.rules.routing_needs import Need
from hub.store import tables as t
from hub.store.database import Database
from hub.store.routing_records import completed, read_since
from hub.usecases.change_stock import adjust_stock
from hub.usecases.import_rates import import_rates
from hub.usecases.manage_catalog import add_item, save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from tests.fakes.channel import payload
from tests.fakes.world import World

CITIES = ("Berlin", "Munich", "Hamburg", "Cologne", "Leipzig", "Stuttgart")
SKUS = [f"S{n:02}" for n in range(24)]
ORDERS = 1000


def _company(world: World, dice: Random) -> None:
    for sku in SKUS:
        add_item(world.ctx, sku, actor="test")
    for n, city in enumerate(CITIES):
        hours = {"mon": [["06:00", "22:00"]], "tue": [["06:00", "22:00"]]} if n % 2 else {}
        save_warehouse(
            world.ctx, f"P{n}", actor="test", priority=1 + n % 3, country="DE", city=city, hours=hours,
            daily_orders=400 if n == 2 else None, handling=n * 100_000, ships_to=["DE"] if n % 3 else [],
        )  # fmt: skip
        for sku in dice.sample(SKUS, 16):
            adjust_stock(
                world.ctx, sku, f"P{n}", dice.randint(1, 60), reason="new", actor="test", key=f"{n}{sku}",
            )  # fmt: skip
    zones = "".join(f"P{n},DE,{digit},z{(n + digit) % 4}\n" for n in range(len(CITIES)) for digit in range(10))
    import_rates(world.ctx, f"warehouse,country,postal_prefix,zone\n{zones},*,,z3\n", actor="test")
    rates = "".join(f"DHL,z{n},{grams},{3 + n + grams / 1000:.2f}\n" for n in range(4) for grams in (500, 30_000))
    import_rates(world.ctx, f"carrier,zone,up_to_g,price\n{rates}", actor="test")


def _order(dice: Random, ref: str) -> Any:
    lines = {sku: (sku, dice.randint(1, 3)) for sku in dice.sample(SKUS, dice.randint(1, 4))}
    postal = f"{dice.randint(1000, 99999):05}"
    country = dice.choice(["DE", "DE", "DE", "FR"])
    body = payload(ref, {}, ship_to={"country": country, "city": dice.choice(CITIES), "postal_code": postal})
    rows = [
        {"channel_ref": line, "listing_ref": "", "sku": sku, "quantity": str(pieces)}
        for line, (sku, pieces) in lines.items()
    ]
    return body | {"lines": rows}


def test_a_thousand_decisions_under_rules_of_every_kind_are_made_again(fresh_db: Database) -> None:
    dice, world = Random(20261128), World(fresh_db)
    _company(world, dice)
    refs = iter(range(ORDERS))
    rules = sorted(NAMED)
    for name in rules:
        body = {key: value for key, value in NAMED[name].items() if key != "version"}
        activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given=body), actor="test")
        world.arrive(*(_order(dice, f"r{next(refs)}") for _ in range(ORDERS // len(rules))))
    with world.db.read() as db:
        outcomes = dict(db.execute(
            select(t.routing_decisions.c.outcome, func.count()).group_by(t.routing_decisions.c.outcome)
        ).all())  # fmt: skip
        versions = set(db.scalars(select(t.routing_decisions.c.ruleset_version)))
    assert len(versions) == len(rules)
    assert min(outcomes["routed"], outcomes["short"]) > 100
    assert sum(outcomes.values()) >= ORDERS
    done = replay_decisions(world.db, ORDERS)
    assert (done.replayed, done.identical, done.different) == (ORDERS, ORDERS, ())
    _played_as_live(world)


def _played_as_live(world: World) -> None:
    """What a simulation makes of the orders of the last day under the rules they were routed by is what was decided."""
    since = world.clock.now - timedelta(days=1)
    with world.db.read() as db:
        records = read_since(db, since, 10 * ORDERS)
        asked = frozenset(Need)  # whatever any rules may ask for
        cases = completed(db, records, asked, world.clock.now)
    assert len(records) == len(world.rows(t.orders))
    for record, (seen, demand) in zip(records, cases, strict=True):
        (again,) = plan(seen, [demand], record.ruleset)
        assert again.takes == record.decision.takes, record.demand.order_ref
        assert again.shortages == record.decision.shortages
