"""`stockline bench`: measures the hub beside the bare database and published baselines, and judges the figures."""

from __future__ import annotations

import signal
import sys
from typing import Any

import click

from hub.cli.shared import json_option, print_json


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="Small sizes, a few rounds: whether it runs, not how fast.")
@click.option("--only", "names", multiple=True, metavar="KEY", help="Only this key, or this group, such as pg.")
def bench(as_json: bool, quick: bool, names: tuple[str, ...]) -> None:
    """Measure speed, oversold units and routing; exit 1 where a bar is missed.

    PostgreSQL is the server at STOCKLINE_BENCH_DATABASE_URL, else the one on 127.0.0.1:5432; the bench makes databases
    of its own there and drops them.
    """
    from bench.run import failed, run

    def tell(key: Any, figure: dict[str, Any]) -> None:
        told = f"{key.name:<24} {figure['median']:>12,.4g}  ({figure['min']:,.4g} to {figure['max']:,.4g})"
        bar = f"  bar {figure['bar']}: {'met' if figure['ok'] else 'MISSED'}" if figure["bar"] else ""
        click.echo(f"{told}{bar}   {key.tells}", err=as_json)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # also then its databases are dropped
    result = run(names, quick, tell)
    if as_json:
        print_json(result)
    if failed(result):
        sys.exit(1)
