"""What commands share: the options that override settings, an opened hub, tables or JSON on the screen."""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from hub.canonical.amounts import exact, to_micros
from hub.canonical.errors import BadInput, BadRecord, Conflict, NotFound, StocklineError
from hub.canonical.extras import extra_words
from hub.canonical.times import iso

if TYPE_CHECKING:
    from hub.settings import Settings
    from hub.wiring import Hub

P = ParamSpec("P")
Row = Mapping[str, Any]

ACTOR = "system:0"
"""Who acts at the command line, in the audit log and on timelines."""

NO_HEADS: Mapping[str, str] = MappingProxyType({})
PLACE_OPTIONS = (
    click.option("--database-url", metavar="URL", help="Overrides STOCKLINE_DATABASE_URL."),
    click.option("--broker-url", metavar="URL", help="Overrides STOCKLINE_BROKER_URL."),
    click.option("--data-dir", type=click.Path(path_type=Path), help="Overrides STOCKLINE_DATA_DIR."),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class ListingGroup(click.Group):
    """A group whose command `list` may be left out: `stockline stock --json` is `stockline stock list --json`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front where no command is named."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


class SignedCommand(click.Command):
    """A command that takes `-5` as a number, not as an option that it does not have."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click's; what is no option is an argument where a number below 0 is written."""
        ctx.ignore_unknown_options = any(re.fullmatch(r"-\d+", word, re.ASCII) for word in args)
        return super().parse_args(ctx, args)


def place_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the place: `database_url`, `broker_url`, `data_dir`."""
    for option in reversed(PLACE_OPTIONS):
        command = option(command)
    return command


def with_settings(command: Callable[P, None]) -> Callable[..., None]:
    """Add the options of the place (database, broker, data folder); the command gets `settings` first."""

    @wraps(command)
    def run(*args: Any, database_url: str | None, broker_url: str | None, data_dir: Path | None, **rest: Any) -> None:
        from hub.logs import set_up
        from hub.settings import load

        settings = load(database_url=database_url, broker_url=broker_url, data_dir=data_dir)
        set_up(settings.log_level, settings.log_form(sys.stderr.isatty()))
        command(*(settings, *args), **rest)

    return place_options(run)


def with_hub(command: Callable[P, None]) -> Callable[..., None]:
    """Like `with_settings`; the command gets an opened `hub`, which must be there, on a database that is up to date."""
    return with_settings(_on(command, make=False))


def with_new_hub(command: Callable[P, None]) -> Callable[..., None]:
    """Like `with_hub`, for what people begin with: a hub is made where there is none yet."""
    return with_settings(_on(command, make=True))


def _on(command: Callable[P, None], *, make: bool) -> Callable[..., None]:
    @wraps(command)
    def run(settings: Settings, *args: Any, **rest: Any) -> None:
        with opened(settings, make=make) as hub:
            command(*(hub, *args), **rest)

    return run


@contextmanager
def opened(settings: Settings, *, make: bool = True) -> Iterator[Hub]:
    """A hub whose database is up to date: SQLite is brought there, PostgreSQL must be.

    Args:   make: make one where there is none.
    Raises: NotFound: there is none. Conflict: the database misses steps, or is newer than this program.
    """
    from hub.store import migrate
    from hub.wiring import Hub

    with Hub(settings) as hub:
        if not make and migrate.current(hub.db) is None:
            raise NotFound(f"{no_hub(settings)}: start one ({start_words(settings)}), or name another place: {PLACES}")
        if hub.db.is_sqlite:
            migrate.upgrade(hub.db)
        elif migrate.current(hub.db) != migrate.head():
            raise Conflict("the database is not at this program's step; run: stockline db upgrade")
        yield hub


PLACES = "--data-dir or --database-url"


def no_hub(settings: Settings) -> str:
    """That there is no hub yet, and where we looked."""
    return f"there is no hub in {settings.place} yet"


def start_words(settings: Settings) -> str:
    """The command that starts a hub at the place of the settings."""
    return "stockline db upgrade" if settings.database_url else f"stockline up --data-dir {settings.data_dir}"


def connection_id(hub: Hub, name: str) -> int:
    """The id of a connection by its name. Raises: NotFound, with the names there are."""
    from hub.reports.lists import connection_list

    known = {row["name"]: int(row["id"]) for row in connection_list(hub.db)}
    if name not in known:
        there = f"there are: {', '.join(known)}" if known else "none yet; add one: stockline connection add --help"
        raise NotFound(f"no connection named {name!r}; {there}")
    return known[name]


def read_pieces(parts: Sequence[str], what: str) -> dict[str, int]:
    """`SKU=PIECES` several times, as SKU -> pieces.

    Raises: BadInput, naming the part of `what` that is none, or that names a SKU for the second time.
    """
    found: dict[str, int] = {}
    for part in parts:
        sku, _, pieces = part.rpartition("=")
        if not sku or not pieces.isdecimal():
            raise BadInput(f"{what} {part!r}: write SKU=PIECES, such as MUG-RED=2")
        if sku in found:
            raise BadInput(f"{what} {part!r}: {sku} is named twice: write it once, with all its pieces")
        found[sku] = int(pieces)
    return found


def once_key(given: str = "") -> str:
    """The key under which an act is done once: the one that was given, else a fresh one."""
    return given or f"cli:{uuid.uuid4().hex}"


def micros(option: str, text: str) -> int:
    """Money as typed, in micros. Raises BadInput: no amount, negative, or finer than a millionth."""
    try:
        amount = to_micros(exact(text, option))
    except BadRecord:
        amount = -1
    if amount < 0:
        raise BadInput(f"--{option.replace('_', '-')} {text!r}: use an amount such as 4.90")
    return amount


def in_house(hub: Hub, *columns: str) -> dict[str, str]:
    """Headings of columns of money, with the house currency where it is set: {"price": "price (EUR)"}."""
    house = hub.settings.house_currency
    return {column: f"{column} ({house})" for column in columns if house}


def show(
    rows: Sequence[Row], columns: Sequence[str], as_json: bool, empty: str, heads: Mapping[str, str] = NO_HEADS
) -> None:
    """Rows as a JSON array, or as a table of some columns; `empty` is said where there are none.

    heads: column -> its heading, where that is not its name.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        number = all(isinstance(row[column], int) and not isinstance(row[column], bool) for row in rows)
        table.add_column(heads.get(column, column), justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row[column])) for column in columns))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, soft_wrap=False).print(table)


def print_json(value: object) -> None:
    """JSON for programs; times as ISO 8601 UTC, amounts as text."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value: object) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)


def _cell(value: object) -> str:
    if value is None or value == {} or value == []:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{amount} x {name}" for name, amount in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def exit_code(error: BaseException) -> int:
    """1 where something is wrong on our side or outside, 2 where the input is."""
    from hub.canonical.errors import ConnectorFault, InvariantBroken, Retryable

    bad_input = isinstance(error, StocklineError) and not isinstance(
        error, (ConnectorFault, Retryable, InvariantBroken)
    )
    return 2 if bad_input else 1


def problems(error: Exception) -> list[str]:
    """What `explain` says, a line for each problem where an error tells of several; empty for a fault of ours."""
    faults: Sequence[str] = getattr(error, "faults", ())
    whole = explain(error)
    return [" ".join(fault.split()) for fault in faults] if len(faults) > 1 else [whole] if whole else []


def explain(error: Exception) -> str | None:
    """One line for an error that a person can do something about; None for a fault of ours."""
    if isinstance(error, StocklineError):
        return " ".join(str(error).split())
    if type(error).__module__.startswith("sqlalchemy"):
        return _explain_database(error)
    if isinstance(error, ModuleNotFoundError):
        return extra_words(error) or None
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be used ({error.strerror}); mend that, or name another place, and try again"
    return None


def _explain_database(error: Exception) -> str | None:
    cause = (str(getattr(error, "orig", "")).strip().splitlines() or ["no answer"])[0]
    if type(error).__name__ == "OperationalError":
        where = "STOCKLINE_DATABASE_URL (or the data folder)"
        return f"the database does not answer ({cause}); check {where}, or run: stockline doctor"
    if "file is not a database" in cause or "malformed" in cause:
        return f"the database file is damaged or is none ({cause}); put back a copy, or name another: --data-dir"
    return None
