"""`stockline demo`: the whole hub with sandboxes, customers, pickers and faults, live or once with a verdict."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace

import click

from demo.run import Options, forever, once
from demo.watch import watch
from demo.world import World
from hub.canonical.errors import BadInput
from hub.cli.shared import print_json, with_settings
from hub.settings import Settings
from hub.usecases.login_links import first_admin_link
from hub.wiring import Hub

LEAST = 300


@click.command()
@click.option(
    "--once", "only_once", is_flag=True, help="Play a fixed script, wait for convergence, exit 0 if all is well."
)
@click.option("--json", "as_json", is_flag=True, help="With --once: print the result as one JSON object.")
@click.option(
    "--orders", type=click.IntRange(1, 100_000), default=330, show_default=True, help="With --once: how many."
)
@click.option("--rate", type=click.FloatRange(0.1, 200), help="Orders a second (once: 9, live: 1).")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another script.")
@click.option("--workers", type=click.IntRange(0, 32), default=2, show_default=True,
              help="Worker processes to start where a broker is named.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@with_settings
def demo(
    settings: Settings, only_once: bool, as_json: bool, orders: int, rate: float | None, seed: int, workers: int,
    host: str, port: int,
) -> None:  # fmt: skip
    """Show the hub at work: three channels, three warehouses, customers, pickers, faults. Uses no real shop."""
    if as_json and not only_once:
        raise BadInput("--json goes with --once: stockline demo --once --json")
    here = settings.model_copy(update={"host": host, "port": port})
    options = Options(orders=orders, per_s=rate or (9.0 if only_once else 1.0), seed=seed, workers=workers)
    with Hub(here) as hub:
        if only_once:
            _once(hub, options, as_json)
        else:
            _live(hub, options)


def _once(hub: Hub, options: Options, as_json: bool) -> None:
    result = once(hub, options, lambda text: click.echo(text, err=True))
    wrong = result.pop("wrong")
    if as_json:
        print_json(result)
    else:
        for name, value in result.items():
            click.echo(f"{name:>18}  {value}")
    for words in wrong:
        click.echo(f"not well: {words}", err=True)
    sys.exit(1 if wrong else 0)


def _live(hub: Hub, options: Options) -> None:
    def ready(address: str, _stage: World) -> None:
        token = first_admin_link(hub.context())
        click.echo(f"Ready: {address}  (^C to quit)")
        click.echo(f"Sign in once, as admin: {address}/link/{token}")
        click.echo(f"Data: {hub.settings.place}\n")

    def summary() -> None:
        place = f"--data-dir {hub.settings.data_dir}" if not hub.settings.database_url else "--database-url …"
        click.echo(f"Next: stockline orders {place}  ·  stockline audit {place}  ·  stockline doctor {place}")
        click.echo("      open /holds and mend the unknown SKU, /pick on a phone, /channels to pause and sync\n")

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        forever(hub, replace(options, orders=0), ready, lambda stage, at: watch(stage, at, click.echo, summary))
    except KeyboardInterrupt:
        click.echo("\nstopped; the data stays until the next demo")
