"""`stockline proposals`: transfers and purchases that would fill orders that wait for stock."""

from __future__ import annotations

from dataclasses import asdict

import click

from hub.cli.shared import ACTOR, ListingGroup, json_option, show, with_hub
from hub.reports.proposals import find_proposals
from hub.usecases.propose_moves import accept_proposal, dismiss_proposal, refresh_proposals
from hub.wiring import Hub

STATES = ("open", "accepted", "dismissed", "outdated")
COLUMNS = ("id", "kind", "sku", "source", "destination", "quantity", "waiting", "km", "state")


@click.group(cls=ListingGroup)
def proposals() -> None:
    """List, accept and dismiss proposals to move or buy stock."""


@proposals.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--refresh", is_flag=True, help="Work them out anew first; else as the timer left them.")
@json_option
@with_hub
def list_proposals(hub: Hub, state: str, refresh: bool, as_json: bool) -> None:
    """List proposals; `waiting` is how many orders each would help."""
    if refresh:
        refresh_proposals(hub.context())
    found, _ = find_proposals(hub.db, state=state, limit=500)
    show([asdict(each) for each in found], COLUMNS, as_json, "No proposals: no order waits for stock that could come.")


@proposals.command()
@click.argument("proposal_id", type=int)
@with_hub
def accept(hub: Hub, proposal_id: int) -> None:
    """Make the transfer and reserve its pieces; or say that the purchase was ordered."""
    transfer_id = accept_proposal(hub.context(), proposal_id, actor=ACTOR)
    if transfer_id is None:
        click.echo(f"Proposal {proposal_id}: ordered. Receive it with: stockline stock add")
    else:
        click.echo(f"Proposal {proposal_id}: transfer {transfer_id} is ready. "
                   f"Ship it with: stockline transfer ship {transfer_id}")  # fmt: skip


@proposals.command()
@click.argument("proposal_id", type=int)
@click.option("--reason", required=True, help="Why it is not wanted.")
@with_hub
def dismiss(hub: Hub, proposal_id: int, reason: str) -> None:
    """It is not wanted; it comes again only where more is needed, or after a week."""
    dismiss_proposal(hub.context(), proposal_id, actor=ACTOR, reason=reason)
    click.echo(f"Proposal {proposal_id} is dismissed.")
