"""`stockline connectors practice`: a shop on this machine to connect, with goods on its shelf and orders on request."""

from __future__ import annotations

import os
import random
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import click

from connectors.kit import registry
from connectors.kit.practice.sandbox import BY_CHANCE, Sandbox
from demo.goods import KITS, basket, goods, shelves, shopper
from hub.canonical.errors import BadInput

SETS = 20
"""Of each kit, on the shelf."""


@click.command()
@click.argument("name")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
@click.option("--orders", type=click.IntRange(0, 10_000), default=1, show_default=True, help="Placed at once.")
@click.option("--fault", "faults", multiple=True, metavar="KIND=RATE",
              help=f"It misbehaves so often, from 0 (never) to 1 (always); repeatable. Kinds: {', '.join(BY_CHANCE)}; "
              "each shop makes those that its protocol knows.")  # fmt: skip
def practice(name: str, port: int, orders: int, faults: Sequence[str]) -> None:
    """Start the practice shop of channel NAME on this machine, and print the command that connects it.

    It has goods on its shelf; each Enter places one more order. Ctrl-C closes it (where nobody types, too; until then
    it serves on). Its books are gone then.
    """
    shop = registry.practice_shop(name)
    shop.faults.rates |= dict(map(_rate, faults))
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    with suppress(KeyboardInterrupt), _running(shop, port), tempfile.TemporaryDirectory() as folder:
        click.echo(_invitation(shop, _kept(shop.secrets, Path(folder))))
        customers = _Customers(shop)
        for _ in range(orders):
            customers.order()
        _serve(customers, _where(shop))
    click.echo("The practice shop is closed.")


def _rate(pair: str) -> tuple[str, float]:
    """Kind and rate of `KIND=RATE`. Raises BadInput."""
    kind, _, text = pair.partition("=")
    if kind not in BY_CHANCE:
        raise BadInput(f"--fault {pair}: no kind of fault {kind!r}; there are: {', '.join(BY_CHANCE)}")
    with suppress(ValueError):
        if 0 <= float(text) <= 1:
            return kind, float(text)
    raise BadInput(f"--fault {pair}: expected a rate from 0 to 1, such as --fault {kind}=0.2")


@contextmanager
def _running(shop: Sandbox, port: int) -> Iterator[None]:
    """The shop, open and filled. Raises BadInput: the port is taken, or it listens on none."""
    try:
        shop.start(port)
    except OSError as error:
        raise BadInput(f"port {port} cannot be used ({error.strerror}); name another: --port, or 0 for any") from None
    try:
        numbers = {good.sku: sum(good.stock) for good in goods()} | dict.fromkeys(KITS, SETS)
        shop.stock_shelves(shelves(numbers))
        yield
    finally:
        shop.stop()


def _kept(secrets: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """The secrets in files of their own, from which the command of `connection add` reads them."""
    files = {name: folder / name for name in secrets}
    for name, file in files.items():
        file.write_text(secrets[name], encoding="utf-8")
    return files


def _invitation(shop: Sandbox, secrets: Mapping[str, Path]) -> str:
    """What connects the shop: the command, and the same for the form."""
    settings = {name: text for name, text in shop.settings.items() if text}
    words = ["stockline", "connection", "add", shop.channel, f"practice-{shop.channel}"]
    words += [word for name, text in settings.items() for word in ("--set", f"{name}={text}")]
    words += [word for name, file in secrets.items() for word in ("--secret", f"{name}=@{file}")]
    fields = [f"  {name} = {text}" for name, text in (settings | dict(shop.secrets)).items()]
    return "\n".join([
        f"The practice shop of {registry.spec(shop.channel).title} is open, with {len(shop.shown_stock())} SKUs "
        "on its shelf. Connect it from another terminal while it runs:",
        "", shlex.join(words), "",
        "The same for the dashboard's form:", *fields, "",
        f"It serves {_where(shop)} until Ctrl-C, which closes it. Enter places one more order.",
    ])  # fmt: skip


def _where(shop: Sandbox) -> str:
    """Where the hub meets the shop: its address, or its folders."""
    texts = [text for text in shop.settings.values() if text.startswith("/") or "://" in text]
    at = [f"{url.scheme}://{url.netloc}" if url.netloc else url.path for url in map(urlsplit, texts)]
    return f"at {' and '.join(dict.fromkeys(at))}" if at else "on this machine"


class _Customers:
    """They order one basket after the other, the same ones in every shop."""

    def __init__(self, shop: Sandbox) -> None:
        self._shop, self._dice = shop, random.Random(1)  # noqa: S311 - customers, not secrets

    def order(self) -> None:
        """Place one, and say which."""
        things = basket(self._dice)
        ref = self._shop.place_order(shopper(self._dice), things)
        click.echo(f"Order {ref}: " + ", ".join(f"{pieces} x {sku}" for sku, pieces in things))


def _serve(customers: _Customers, where: str) -> None:
    """An order for each line that is typed, until Ctrl-C; where nobody types any more, it says so and serves on."""
    while sys.stdin.readline():
        customers.order()
    click.echo(f"Nobody types here, so no more orders come. The shop serves on {where}, until Ctrl-C or: "
               f"kill {os.getpid()}")  # fmt: skip
    threading.Event().wait()
