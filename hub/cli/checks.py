"""`stockline audit` and `stockline reconcile`: proofs and healing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from hub.canonical.errors import StocklineError
from hub.cli.shared import connection_id, json_option, print_json, with_hub
from hub.ports.channel import Can
from hub.reports.lists import connection_list
from hub.usecases.audit_stock import audit_stock
from hub.usecases.context import Context
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.reconcile_stock import reconcile_stock
from hub.wiring import Hub


@click.command()
@json_option
@with_hub
def audit(hub: Hub, as_json: bool) -> None:
    """Prove that balances, ledger and pick lists agree. Exit code 1 where they do not."""
    report = audit_stock(hub.context())
    if as_json:
        print_json(report.to_dict())
    else:
        for found in report.mismatches:
            where = " in ".join(part for part in (found.sku, found.warehouse) if part)
            click.echo(f"{found.check}: {where}: {found.ours} stands where {found.theirs} should")
        click.echo(f"{len(report.checks)} laws, {report.balances} balances, {report.ledger_rows} ledger rows: "
                   f"{len(report.mismatches)} mismatches")  # fmt: skip
    raise SystemExit(1 if report.mismatches else 0)


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
