"""`stockline map CONNECTOR FILE|-`: one payload file as canonical JSON, or one line that says what is wrong with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from connectors.kit.registry import Reader, reader_of
from hub.canonical.crash import crash_words
from hub.canonical.errors import BadRecord, StocklineError
from hub.canonical.order import Order

_LONGEST = 64 * 1024 * 1024


@click.command("map")
@click.argument("connector")
@click.argument("file")
@click.option(
    "--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the connection, e.g. zone=Europe/Berlin."
)
def map_file(connector: str, file: str, pairs: Sequence[str]) -> None:
    """Print the canonical order of FILE (- reads standard input), an array where it holds several.

    A broken file ends with exit code 2 and one JSON line on standard error: field, value, why.
    """
    read = _reader(connector)
    try:
        _print(_some(read(_read(file), _settings(pairs))))
    except BadRecord as bad:
        _refuse(bad.field, bad.value, bad.why)
    except StocklineError as other:
        _refuse("settings", ", ".join(pairs), str(other))
    except Exception as fault:  # noqa: BLE001 - the last edge: a fault in code must not spill a payload as a traceback
        _refuse("(document)", file, f"could not be translated, a fault in the code: {crash_words(fault)}")


def _reader(connector: str) -> Reader:
    try:
        return reader_of(connector)
    except StocklineError as unusable:
        _refuse("connector", connector, str(unusable))


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if not pair.partition("=")[0].strip() or "=" not in pair:
            raise BadRecord("--set", pair, "expected KEY=VALUE")
    return {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in pairs)}


def _read(file: str) -> bytes:
    """The bytes of a file or of standard input; one byte more than allowed is enough to refuse it."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(_LONGEST + 1)
        with Path(file).open("rb") as stream:
            return stream.read(_LONGEST + 1)
    except (OSError, ValueError) as broken:
        raise BadRecord("file", file, f"cannot be read: {getattr(broken, 'strerror', None) or broken}") from None


def _some(orders: Sequence[Order]) -> Sequence[Order]:
    """The orders of a file; an empty list of them is well formed, but nobody who tries a file is helped by nothing."""
    if not orders:
        raise BadRecord("(document)", "[]", "there is no order in it: its list of orders is empty")
    return orders


def _print(orders: Sequence[Order]) -> None:
    bodies = [order.to_dict() for order in orders]
    text = json.dumps(bodies[0] if len(bodies) == 1 else bodies, indent=2, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()


def _refuse(field: str, value: str, why: str) -> NoReturn:
    line = json.dumps({"field": field, "value": value, "why": why}, ensure_ascii=False)
    sys.stderr.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stderr.buffer.flush()
    raise SystemExit(2)
