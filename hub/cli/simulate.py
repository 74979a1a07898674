"""`stockline simulate`: what other rules would have done with the same orders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import click

from hub.canonical.errors import BadInput
from hub.cli.rules import as_body, read_body
from hub.cli.shared import ACTOR, in_house, json_option, print_json, show, with_hub
from hub.reports.routing import SimulationFact, read_simulation
from hub.usecases.simulate_rules import ask_simulation, run_simulations
from hub.wiring import Hub

TOTALS = {
    "orders": "orders", "complete": "orders that got everything", "fill_permille": "pieces given, %",
    "parcels": "parcels", "parcels_per_1000_orders": "parcels in 1,000 orders", "cost": "shipping and handling",
    "cost_per_order": "the same, an order", "late_permille": "parcels too late, %", "emptied": "shelves emptied",
}  # fmt: skip
"""What a simulation adds up, as people read it; permille are shown as percent."""
MONEY = frozenset({"cost", "cost_per_order"})
LANES_SHOWN = 5
COLUMNS = ("number", "before", "after", "missing_before", "missing_after", "cost_before", "cost_after")


@click.command()
@click.option("--ruleset", "trial", required=True, metavar="VERSION|FILE", help="The rules to try: a version, or JSON.")
@click.option("--against", type=int, metavar="VERSION", help="Compare with this version; else with the active one.")
@click.option("--days", type=int, metavar="N", help="Orders of the last N days, as they were planned then.")
@click.option("--file", type=click.File("rb"), help='A scenario: {"snapshot": …, "demands": […]}.')
@click.option("--title", default="", help="How the simulation is called in the list.")
@json_option
@with_hub
def simulate(
    hub: Hub, trial: str, against: int | None, days: int | None, file: IO[bytes] | None, title: str, as_json: bool
) -> None:
    """Play other rules over the same orders, and say order by order what differs; nothing is routed by it."""
    if (days is None) == (file is None):
        raise BadInput("say which orders: --days N for those of the last days, or --file for a scenario; not both")
    ctx = hub.context()
    scenario = None if file is None else {"name": Path(file.name).name, **read_body(file)}
    made = ask_simulation(ctx, _trial(trial), actor=ACTOR, base=against, days=days, scenario=scenario, title=title)
    run_simulations(ctx, made)
    found = read_simulation(hub.db, made)
    if found.state == "failed":
        raise BadInput(f"simulation {made} failed: {found.error}")
    if as_json:
        print_json({"id": found.id, "title": found.title, "base": found.base, "trial": found.trial, **found.result})
    else:
        _print(hub, found)


def _trial(text: str) -> int | Mapping[str, Any]:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        raw = Path(text).read_bytes()
    except (OSError, ValueError) as error:
        raise BadInput(f"--ruleset {text!r}: use the number of a version, or a JSON file ({error})") from None
    return as_body(raw, f"--ruleset {text!r}")


def _print(hub: Hub, found: SimulationFact) -> None:
    result, heads = found.result, in_house(hub, "cost_before", "cost_after", *TOTALS.values())
    totals = [
        {
            "what": heads.get(words, words) if name in MONEY else words,
            "now": _number(name, result["base"][name]),
            "then": _number(name, result["trial"][name]),
        }
        for name, words in TOTALS.items()
    ]
    click.echo(f"Simulation {found.id}: {found.title}")
    show(totals, ("what", "now", "then"), False, "Nothing was played.")
    if result["base"]["priced"] < result["base"]["served"]:
        click.echo(_unpriced(result))
    click.echo(f"{result['different']} of {result['base']['orders']} orders would go differently.")
    if result["differences"]:
        show([_row(row) for row in result["differences"]], COLUMNS, False, "", heads)


def _unpriced(result: Mapping[str, Any]) -> str:
    lanes = sorted({(place, zone or "") for run in ("base", "trial") for place, zone in result[run]["no_rate"]})
    more = " …" if len(lanes) > LANES_SHOWN else ""
    told = "; ".join(_lane(*lane) for lane in lanes[:LANES_SHOWN])
    return f"Cost counts {result['base']['priced']} of {result['base']['served']} orders; unknown: {told}{more}"


def _lane(warehouse: str, zone: str) -> str:
    return f"no rate for zone {zone} from {warehouse}" if zone else f"no shipping zone seen from {warehouse}"


def _number(name: str, value: Any) -> Any:
    return value / 10 if name.endswith("_permille") and value is not None else value


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    base, trial = row["base"], row["trial"]
    return {
        "number": row["number"], "before": " + ".join(base["warehouses"]), "after": " + ".join(trial["warehouses"]),
        "missing_before": base["missing"], "missing_after": trial["missing"], "cost_before": base["cost"] or "unknown",
        "cost_after": trial["cost"] or "unknown",
    }  # fmt: skip
