"""`stockline route --explain ORDER`: why this warehouse, and why not the others."""

from __future__ import annotations

from typing import Any

import click

from hub.canonical.errors import NotFound
from hub.cli.shared import json_option, print_json, show, with_hub
from hub.reports.order import latest_decision, order_id_of
from hub.rules.routing import Candidate
from hub.wiring import Hub

COLUMNS = ("warehouses", "chosen", "covers", "parcels", "distance_km", "priority", "reason")


@click.command()
@click.option(
    "--explain", "number", required=True, metavar="ORDER", help="The order's number, or the channel's id of it."
)
@json_option
@with_hub
def route(hub: Hub, number: str, as_json: bool) -> None:
    """Explain the latest routing decision of an order: every candidate, and the reason each one lost."""
    decision = latest_decision(hub.db, order_id_of(hub.db, number))
    if decision is None:
        raise NotFound(
            f"order {number!r} was never routed: it waits, is held, or needed nothing; see: stockline orders {number}"
        )
    code, numbers = decision.why, decision.words
    rows = [_row(candidate) for candidate in decision.candidates]
    if as_json:
        print_json({"order": number, "outcome": decision.outcome, "why": code, "numbers": numbers, "candidates": rows,
                    "ruleset_version": decision.ruleset_version, "snapshot_hash": decision.snapshot_hash})  # fmt: skip
        return
    told = ", ".join(f"{name} {value}" for name, value in numbers.items() if value is not None)
    click.echo(f"{number}: {decision.outcome}, because {code.replace('_', ' ')} ({told})")
    show(rows, COLUMNS, False, "No warehouse could be considered.")


def _row(candidate: Candidate) -> dict[str, Any]:
    far = None if candidate.distance_km is None else round(candidate.distance_km)
    return {
        "warehouses": " + ".join(candidate.warehouses), "chosen": candidate.chosen, "covers": candidate.covers,
        "parcels": candidate.parcels, "distance_km": far, "priority": candidate.priority, "reason": candidate.reason,
    }  # fmt: skip
