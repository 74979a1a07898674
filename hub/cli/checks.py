"""`stockline audit` and `stockline reconcile`: proofs and healing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from hub.canonical.errors import StocklineError
from hub.cli.shared import ACTOR, connection_id, json_option, print_json, with_hub
from hub.ports.channel import Can
from hub.reports.lists import connection_list
from hub.usecases.audit_stock import AuditReport, Mismatch, audit_stock
from hub.usecases.context import Context
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.reconcile_stock import reconcile_stock
from hub.usecases.repair_stock import RepairReport, repair_stock
from hub.wiring import Hub


@click.command()
@click.option("--repair", is_flag=True, help="Put right what is found; without it, only look.")
@click.option("--yes", is_flag=True, help="Do not ask before repairing.")
@json_option
@with_hub
def audit(hub: Hub, repair: bool, yes: bool, as_json: bool) -> None:
    """Prove that balances, ledger, pick lists and transfers agree. Exit code 1 where they do not."""
    if not repair:
        report = audit_stock(hub.context())
        _tell(report, as_json)
        raise SystemExit(1 if report.mismatches else 0)
    if not (yes or as_json):
        _tell(audit_stock(hub.context()), as_json)
        click.confirm("Put this right now?", abort=True)
    done = repair_stock(hub.context(), actor=ACTOR)
    if as_json:
        print_json(done.to_dict())
    else:
        _tell_repair(done)
    raise SystemExit(1 if done.left.mismatches else 0)


def _tell(report: AuditReport, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    for found in report.mismatches:
        click.echo(f"{found.check}: {_where(found)}: {found.ours} stands where {found.theirs} should")
    click.echo(f"{len(report.checks)} laws, {report.balances} balances, {report.ledger_rows} ledger rows: "
               f"{len(report.mismatches)} mismatches")  # fmt: skip


def _where(found: Mismatch) -> str:
    place = " in ".join(part for part in (found.sku, found.warehouse) if part)
    more = ", ".join(part for part in (found.lot and f"lot {found.lot}", found.state, found.ref) if part)
    return f"{place} ({more})" if place and more else place or more


def _tell_repair(report: RepairReport) -> None:
    for each in report.done:
        click.echo(f"mended {each.check}: {each.what}: {each.words}")
    for each in report.needs_person:
        click.echo(f"needs a person: {each.what}: {each.words}")
    click.echo(f"{report.run}: {len(report.found.mismatches)} mismatches found, {len(report.done)} things mended, "
               f"{len(report.needs_person)} need a person, {len(report.left.mismatches)} mismatches left")  # fmt: skip


@click.command()
@click.argument("names", nargs=-1)
@json_option
@with_hub
def reconcile(hub: Hub, names: Sequence[str], as_json: bool) -> None:
    """Look for missed orders and drifted stock on NAMES (default: all active connections), and heal.

    Exit code 1 where a channel could not be compared.
    """
    active = [row["name"] for row in connection_list(hub.db) if row["state"] == "active"]
    rows = [_reconcile_one(hub, name) for name in names or active]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        problem = f"; {row['problem']}" if row["problem"] else ""
        click.echo(f"{row['connection']}: {row['orders']} orders recovered, {row['stock']} numbers corrected{problem}")
    raise SystemExit(1 if any(row["problem"] for row in rows) else 0)


def _reconcile_one(hub: Hub, name: str) -> dict[str, Any]:
    ctx, key = hub.context(), connection_id(hub, name)
    row: dict[str, Any] = {"connection": name, "orders": 0, "stock": 0, "problem": ""}
    runs: list[tuple[str, Callable[[Context, int], int], Can]] = [
        ("orders", reconcile_orders, Can.PULL_ORDERS),
        ("stock", reconcile_stock, Can.PUSH_STOCK),
    ]
    for what, run, needed in runs:
        try:
            row[what] = run(ctx, key) if needed in hub.channels.get(key).spec.can else 0
        except StocklineError as error:  # told in the row: the other connections are compared all the same
            row["problem"] = f"{what}: {error}"
    return row
