"""Simulations: what other routing rules would have done with the same orders."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Response
from pydantic import Field

from hub.api.parts import In, OnceOnly, PathId, Served, Text, resource
from hub.api.routing_words import SimulationFull, SimulationsOut
from hub.reports.routing import find_simulations, read_simulation
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.simulate_rules import ask_simulation
from hub.web.auth import require

router = resource("simulations")
Version = Annotated[int, Field(strict=True, ge=0, lt=2**31)]


class SimulationIn(In):
    """`ruleset` (a version) or `body`: the rules to try. `against`: a version, the active one where it is left out.

    days: orders of the last so many days, or else `scenario`: {"snapshot": …, "demands": […]}.
    """

    ruleset: Version | None = None
    body: dict[str, Any] | None = None
    against: Version | None = None
    days: Annotated[int, Field(strict=True, ge=1, le=366)] | None = None
    scenario: dict[str, Any] | None = None
    title: Text = ""


@router.get("")
def list_simulations(services: Served, _who: Annotated[Principal, Depends(require("routing.read"))]) -> SimulationsOut:
    """The newest 50."""
    return SimulationsOut.model_validate({"data": find_simulations(services.ctx.db)}, from_attributes=True)


@router.get("/{simulation_id}")
def get_simulation(
    simulation_id: PathId, services: Served, _who: Annotated[Principal, Depends(require("routing.read"))]
) -> SimulationFull:
    """One with its result, once a worker has played it (`state` done)."""
    return SimulationFull.model_validate(read_simulation(services.ctx.db, simulation_id))


@router.post("", status_code=201, response_model=SimulationFull)
def ask(body: SimulationIn, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]) -> Response:
    """Ask for a simulation; nothing is routed by it. A worker plays it: read it again until `state` is done."""

    def act(ctx: Context) -> SimulationFull:
        trial = body.ruleset if body.ruleset is not None else body.body or {}
        made = ask_simulation(
            ctx, trial, actor=who.actor, base=body.against, days=body.days, scenario=body.scenario, title=body.title
        )
        return SimulationFull.model_validate(read_simulation(ctx.db, made))

    return once(act, 201)
