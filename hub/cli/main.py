"""The entry point of `stockline`: one table of commands, each imported when it is called."""

from __future__ import annotations

import sys

import click

from hub import __version__
from hub.cli.lazy import LazyGroup

COMMANDS = {
    "audit": ("hub.cli.checks:audit", "Prove that every balance is the sum of its ledger."),
    "cancel": ("hub.cli.change_order:cancel", "Cancel an order, or answer a request to."),
    "bench": ("hub.cli.bench:bench", "Measure speed, oversold units and routing, and judge them."),
    "connection": ("hub.cli.connection:connection", "Add, check, run, pause and resume connections."),
    "connectors": ("hub.cli.connectors:connectors", "List the kinds of channels; practise, make, test connectors."),
    "count": ("hub.cli.counts:count", "Count shelves, and approve what was counted."),
    "db": ("hub.cli.db:db", "Bring the database up to date, or say whether it is."),
    "demo": ("hub.cli.demo:demo", "Show the whole hub at work, with sandboxes for channels."),
    "doctor": ("hub.cli.doctor:doctor", "Look for what is wrong, and say how to mend it."),
    "holds": ("hub.cli.holds:holds", "Say what is held, why, since when, and what mends it."),
    "item": ("hub.cli.catalog:item", "List and add SKUs and kits."),
    "keys": ("hub.cli.keys:keys", "Make keys, and move the stored credentials to the newest."),
    "listing": ("hub.cli.catalog:listing", "List the channels' listings, and link them to SKUs."),
    "map": ("hub.cli.map:map_file", "Print the canonical order of a payload file."),
    "mapping": ("hub.cli.mapping:mapping", "Say what one connection's words mean: draft, try, activate, roll back."),
    "move": ("hub.cli.change_order:move", "Give an order's work to another warehouse."),
    "orders": ("hub.cli.lists:orders", "List orders."),
    "proposals": ("hub.cli.proposals:proposals", "Transfers and purchases that would fill orders that wait."),
    "rates": ("hub.cli.rates:rates", "List and import carriers' zones and rates."),
    "reconcile": ("hub.cli.checks:reconcile", "Compare the channels' orders and stock with ours, and heal."),
    "route": ("hub.cli.route:route", "Explain why an order goes to its warehouse; replay decisions."),
    "rules": ("hub.cli.rules:rules", "List, draft, compare and activate the routing rules."),
    "scheduler": ("hub.cli.serve:scheduler", "Run a scheduler (scaled form)."),
    "selling": ("hub.cli.selling:selling", "Say how stock is offered: policies, pools, buffers, remaining life."),
    "simulate": ("hub.cli.simulate:simulate", "Play other routing rules over the same orders."),
    "stock": ("hub.cli.lists:stock", "List stock; `stock set` counts a shelf."),
    "transfer": ("hub.cli.transfers:transfer", "Move stock from one warehouse to another."),
    "up": ("hub.cli.serve:up", "Run everything in one process."),
    "user": ("hub.cli.user:user", "Add and list people; make one-time links."),
    "warehouse": ("hub.cli.warehouse:warehouse", "List, add and set up warehouses."),
    "web": ("hub.cli.serve:web", "Run the web server (scaled form)."),
    "worker": ("hub.cli.serve:worker", "Run a worker (scaled form)."),
}
"""Command -> (module:attribute, one line of help). A new command is one line here."""

cli = click.version_option(__version__, prog_name="stockline", message="%(prog)s %(version)s")(
    LazyGroup(lazy=COMMANDS, help="Stockline keeps every sales channel in line with the stock.")
)


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 found problems, 2 bad input.

    An expected failure is one line, or one for each of its problems.
    """
    try:
        cli(prog_name="stockline")
    except Exception as error:
        from hub.cli.shared import exit_code, problems

        lines = problems(error)
        if not lines:
            raise
        for words in lines:
            print(f"stockline: {words}", file=sys.stderr)
        sys.exit(exit_code(error))


if __name__ == "__main__":
    main()
