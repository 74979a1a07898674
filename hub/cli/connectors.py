"""`stockline connectors`: the kinds of channels that can be connected; new ones, and the contract they are held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from connectors.kit import registry
from connectors.kit.conformance import PLUGIN, Conformance, Outcome, look, prove
from connectors.kit.quality import lines_of_code, read_quality
from connectors.kit.scaffold import new_connector
from hub.canonical.errors import BadInput, Misconfigured
from hub.cli.practice import practice
from hub.cli.shared import ListingGroup, connection_id, json_option, place_options, print_json, show, with_hub
from hub.ports.channel import ConnectorSpec, Field
from hub.wiring import Hub


@click.group(cls=ListingGroup)
def connectors() -> None:
    """List the kinds of channels that can be connected; practise with one, make one, and hold one to its contract."""


connectors.add_command(practice)


@connectors.command("list")
@json_option
def list_connectors(as_json: bool) -> None:
    """List the kinds of channels that can be connected, with their settings and secrets.

    What is installed and cannot be used is told on standard error.
    """
    rows = [_passport(spec) for spec in registry.specs()]
    show(rows, ("name", "title", "quality", "can", "settings", "secrets"), as_json, "No connector is installed.")
    for broken in registry.broken():
        click.echo(f"stockline: {broken.why}", err=True)


def _passport(spec: ConnectorSpec) -> dict[str, object]:
    return {
        "name": spec.name, "title": spec.title, "can": sorted(spec.can), "settings": _names(spec.settings),
        "secrets": _names(spec.secrets), "stock_mode": spec.stock_mode, "poll_s": spec.poll_s, "docs": spec.docs,
        "quality": _level(spec.name), "loc": lines_of_code(spec.name),
    }  # fmt: skip


def _level(name: str) -> str:
    """The level that is claimed; a file that says none is told beside the list."""
    try:
        return read_quality(name).level
    except Misconfigured as wrong:
        click.echo(f"stockline: {wrong}", err=True)
        return ""


def _names(fields: Sequence[Field]) -> list[str]:
    """Names; those that may be left out in brackets."""
    return [field.name if field.required and not field.default else f"[{field.name}]" for field in fields]


@connectors.command()
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it; default: stockline-NAME here.")
def new(name: str, folder: Path | None) -> None:
    """Write a connector for the channel NAME as a package of its own, which works and passes its tests at once."""
    made = new_connector(name, folder)
    click.echo(f"Made {made}. Now install and test it:\n  pip install -e '{made}[test]'\n  "
               f"stockline connectors test {name}")  # fmt: skip


@connectors.command()
@click.argument("name")
@click.option("--connection", help="A live connection of that kind, asked for nothing but what changes nothing.")
@json_option
@place_options
def test(name: str, connection: str | None, as_json: bool, **place: Any) -> None:
    """Hold NAME to the contract suite, against its sandbox, and say whether its quality level is proven.

    With --connection nothing is written there: the check without webhooks, one page of orders, listings, stock numbers.
    Exit code 1 where something fails.
    """
    if connection is None:
        click.echo(f"Holding {registry.spec(name).title} to the contract; this takes a minute.", err=True)
        _tell(prove(name), as_json)
    else:
        _look(name, connection, as_json, **place)


@with_hub
def _look(hub: Hub, name: str, connection: str, as_json: bool) -> None:
    channel = hub.channels.get(connection_id(hub, connection))
    if channel.spec.name != name:
        raise BadInput(f"{connection} is a connection of {channel.spec.name}, not of {name}")
    _tell(look(name, channel), as_json, live=True)


def _tell(found: Conformance, as_json: bool, *, live: bool = False) -> None:
    """The table, or JSON; exit code 1 where something failed. Reading alone proves no level."""
    rows = [asdict(verdict) for verdict in found.verdicts]
    if as_json:
        proven = (None, None) if live else (found.proven, found.proven_level)
        print_json({"connector": found.connector, "level": found.level, "proven": proven[0], "proven_level": proven[1],
                    "rules": [asdict(claim) for claim in found.rules], "tests": rows})  # fmt: skip
    else:
        show([row for row in rows if row["outcome"] != "failed"], ("test", "outcome", "why"), False, "Nothing passed.")
        _tell_failures(found)
        click.echo(_summary(found, live))
    raise SystemExit(0 if found.passed and (live or found.true or not found.level) else 1)


def _tell_failures(found: Conformance) -> None:
    """After everything else: what is wrong and where, once, with all tests that it fails, and how to see one alone."""
    failed: dict[str, list[str]] = {}
    for verdict in found.verdicts:
        if verdict.outcome == "failed":
            failed.setdefault(verdict.why, []).append(verdict.test)
    for why, tests in failed.items():
        click.echo(f"FAILED  {why}")
        for test in tests:
            click.echo(f"        {test}")
    if failed and found.suite:
        click.echo(f"The whole story of one: pytest -p {PLUGIN} {found.suite} -k TEST")


def _summary(found: Conformance, live: bool) -> str:
    counts = ", ".join(
        f"{number} {outcome}"
        for outcome in get_args(Outcome)
        if (number := found.count(outcome)) or outcome != "exempt"
    )
    if not found.level:
        return f"{counts}. No level is claimed."
    if live:
        return f"{counts}. Nothing was written. Reading proves no level; quality.toml claims: {found.level}."
    proven = "proven" if found.proven else f"NOT proven{_lower(found)}"
    unchecked = f" Claimed, not checked (your own tests must hold it): {', '.join(found.unchecked)}."
    return f"{counts}. quality.toml claims: {found.level}, {proven}.{unchecked if found.unchecked else ''}"


def _lower(found: Conformance) -> str:
    return f" ({found.proven_level} is)" if found.proven_level else ""
