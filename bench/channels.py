"""`python -m bench.channels`: the whole fleet under all faults, and what one throttled connection costs the others."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import click

from bench.chaos import chaos
from bench.forms import broker_url
from bench.isolation import Plan, isolation
from bench.places import servers
from bench.run import machine

FULL, QUICK = Plan(rounds=3, orders=240), Plan(rounds=1, orders=60)
PARTS = ("chaos", "isolation")


@click.command()
@click.option("--orders", type=click.IntRange(1, 100_000), help="Orders of the chaos; 5000, with --quick 300.")
@click.option("--quick", is_flag=True, help="Small sizes, one pair of rounds: whether it runs, not how well.")
@click.option("--only", type=click.Choice(PARTS), help="Only this part.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another script.")
def main(orders: int | None, quick: bool, only: str | None, seed: int) -> None:
    """Run every connector's practice shop against the scaled form; print JSON; exit 1 where a bar is missed.

    PostgreSQL: STOCKLINE_BENCH_DATABASE_URL, else 127.0.0.1:5432. RabbitMQ: STOCKLINE_BENCH_BROKER_URL, else
    127.0.0.1:5672. Its databases and queues are made for it and removed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # also then they are removed
    begun, result = time.monotonic(), dict[str, Any]()
    with servers("pg") as server:
        if only != "isolation":
            result["chaos"] = chaos(server, broker_url(), orders or (300 if quick else 5000), seed, _say)
        if only != "chaos":
            result["isolation"] = isolation(server, broker_url(), QUICK if quick else FULL, seed, _say)
    told = {**result, "machine": machine(), "quick": quick, "seconds": round(time.monotonic() - begun, 1)}
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if failed(result):
        sys.exit(1)


def failed(result: dict[str, Any]) -> list[str]:
    """The parts whose bar was missed."""
    judged = {"chaos": result.get("chaos"), **result.get("isolation", {})}
    return [name for name, figures in judged.items() if figures and not figures["ok"]]


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    main()
