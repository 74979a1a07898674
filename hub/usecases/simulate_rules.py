"""Plays two rulesets over the same orders, stored ones or a scenario, and keeps what differs order by order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from hub.canonical.errors import BadInput, StocklineError
from hub.rules.routing import Demand, Ruleset, Simulation, Snapshot, simulate, simulate_recorded
from hub.rules.routing_needs import Need, needs
from hub.store.routing_records import completed, read_since
from hub.store.rulesets import body, read_ruleset, read_version, ruleset_of
from hub.store.tables import orders, simulations
from hub.usecases.context import Context

PRICED = frozenset({Need.RATES, Need.WEIGHTS})
"""What the cost of parcels is known from, whatever the rules ask for."""
MOST_ORDERS = 20_000
MOST_DIFFERENCES = 500
"""Differences that are kept; the number of all is kept too."""
MOST_DAYS = 366
LEASE = timedelta(minutes=30)

_s = simulations.c


def ask_simulation(
    ctx: Context, trial: int | Mapping[str, Any], *, actor: str, base: int | None = None, days: int | None = None,
    scenario: Mapping[str, Any] | None = None, title: str = "",
) -> int:  # fmt: skip
    """Write down what is to be played; returns the simulation's id. `run_simulations` plays it.

    Args:   trial:    a version, or a body of rules.
            base:     the version to compare with, None: the active one.
            days:     orders of the last so many days, as they were planned then; or else
            scenario: {"name": text, "snapshot": …, "demands": […]}, as they are stored with decisions.
    Raises: NotFound: no such version; BadInput: the body, the scenario or the number of days, by its path.
    """
    now = ctx.clock()
    scope = _scope(days, scenario)
    with ctx.db.write() as db:
        rules = read_ruleset(db) if base is None else read_version(db, base)
        tried = read_version(db, trial) if isinstance(trial, int) else _given(trial)
        row = {
            "title": title or f"{_name(trial, tried)} against version {rules.version}", "scope": scope,
            "base": {"version": rules.version}, "state": "new", "error": "", "result": {}, "created_by": actor,
            "trial": {"version": trial} if isinstance(trial, int) else {"body": body(tried)}, "created_at": now,
        }  # fmt: skip
        made = int(db.execute(simulations.insert().values(row).returning(_s.id)).scalar_one())
    ctx.doorbell.ring("rules.simulate")
    return made


def run_simulations(ctx: Context, only: int | None = None) -> int:
    """Play one simulation that waits; returns 1, or 0 where there is none. One that died is taken up again."""
    now = ctx.clock()
    with ctx.db.write() as db:
        free = or_(_s.state == "new", (_s.state == "running") & (_s.leased_until < now))
        query = select(simulations).where(free).order_by(_s.id).limit(1).with_for_update(skip_locked=True)
        row = db.execute(query if only is None else query.where(_s.id == only)).one_or_none()
        if row is None:
            return 0
        _write(db, row.id, state="running", leased_until=now + LEASE)
    try:
        values: dict[str, Any] = {"state": "done", "result": _play(ctx, row), "error": ""}
    except StocklineError as error:
        values = {"state": "failed", "error": str(error)[:500]}
    with ctx.db.write() as db:
        _write(db, row.id, leased_until=None, done_at=ctx.clock(), **values)
    return 1


def _write(db: Connection, simulation_id: int, **values: Any) -> None:
    db.execute(simulations.update().where(_s.id == simulation_id).values(values))


def _play(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    with ctx.db.read() as db:
        base, trial = _rules(db, row.base), _rules(db, row.trial)
        if "days" not in row.scope:
            snapshot, demands = _scenario(row.scope["scenario"])
            return _result(simulate(snapshot, demands, base, trial), {})
        since = row.created_at - timedelta(days=row.scope["days"])
        records = read_since(db, since, MOST_ORDERS)
        cases = completed(db, records, needs(base) | needs(trial) | PRICED, ctx.clock())
        numbers = _numbers(db, [record.order_id for record in records])
    return _result(simulate_recorded(cases, base, trial), numbers)


def _rules(db: Connection, which: Mapping[str, Any]) -> Ruleset:
    return read_version(db, which["version"]) if "version" in which else ruleset_of(0, which["body"])


def _result(found: Simulation, numbers: Mapping[str, str]) -> dict[str, Any]:
    rows = [row.to_dict() for row in found.differences[:MOST_DIFFERENCES]]
    return {
        "base": found.base.to_dict(), "trial": found.trial.to_dict(), "different": len(found.differences),
        "differences": [row | {"number": numbers.get(row["order_ref"], row["order_ref"])} for row in rows],
    }  # fmt: skip


def _numbers(db: Connection, ids: list[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        query = select(orders.c.id, orders.c.number).where(orders.c.id.in_(ids[start : start + 500]))
        found |= {str(row.id): row.number for row in db.execute(query)}
    return found


def _scope(days: int | None, scenario: Mapping[str, Any] | None) -> dict[str, Any]:
    if (days is None) == (scenario is None):
        raise BadInput("say which orders: those of the last so many days, or a scenario; not both")
    if scenario is not None:
        _scenario(scenario)
        return {"file": str(scenario.get("name", "")), "scenario": dict(scenario)}
    if not 1 <= (days or 0) <= MOST_DAYS:
        raise BadInput(f"days = {days}: use 1 to {MOST_DAYS}")
    return {"days": days}


def _scenario(given: Mapping[str, Any]) -> tuple[Snapshot, list[Demand]]:
    for name in ("snapshot", "demands"):
        try:
            if name == "snapshot":
                snapshot = Snapshot.from_dict(given[name])
            else:
                demands = [Demand.from_dict(row) for row in given[name]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(
                f"scenario.{name}: {type(error).__name__} {error}; it must look as `stockline route --explain ORDER "
                "--json` shows it under `seen` and `demand`"
            ) from None
    if not demands:
        raise BadInput("scenario.demands: use at least one order")
    return snapshot, demands


def _given(given: Mapping[str, Any]) -> Ruleset:
    return ruleset_of(0, {name: value for name, value in given.items() if name != "version"})


def _name(trial: int | Mapping[str, Any], ruleset: Ruleset) -> str:
    return f"version {trial}" if isinstance(trial, int) else ruleset.name or "a file"
