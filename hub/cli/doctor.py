"""`stockline doctor`: looks for what is wrong, and says how to mend each thing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import Connection, Select, func, select

from connectors.kit import registry
from hub.cli.given_up import again_words, given_up_words
from hub.cli.hook_words import hook_words
from hub.cli.shared import explain, json_option, no_hub, print_json, start_words, with_settings
from hub.cli.stopped import anew_words, found_words, health_words, mend_words, paused_words, zeros_mend, zeros_words
from hub.reports.channels import ChannelState, read_channels
from hub.reports.dead import dead_counts, dead_letters
from hub.reports.hot_skus import HotSku, hot_skus
from hub.reports.setup import read_hooks
from hub.reports.stopped import read_stopped, read_unwatched, read_zeros
from hub.rules.ruleset_gaps import gaps
from hub.settings import Settings
from hub.store import migrate
from hub.store.levels import read_throttles
from hub.store.rulesets import read_ruleset
from hub.store.secrets import KEY_FILE
from hub.store.selling import read_stale
from hub.store.tables import connections, holds, inbox, leases, streams
from hub.store.waiting import needs_person
from hub.usecases.restart_stream import PLACED
from hub.wiring import Hub, load_connection

LEAST_FREE = 1024**3
MOST_SKEW_S = 5.0
OLD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `fix` says what to do where it is not fine."""

    check: str
    ok: bool
    found: str
    fix: str = ""


Check = Callable[[Hub], Iterator[Line]]


@click.command()
@json_option
@with_settings
def doctor(settings: Settings, as_json: bool) -> None:
    """Look for what is wrong: database, broker, keys, disk, clock, connections, stuck work. Exit code 1 if there is."""
    with Hub(settings) as hub:
        lines = list(examine(hub))
    if as_json:
        print_json([asdict(line) for line in lines])
    for line in () if as_json else lines:
        click.echo(
            f"{'ok   ' if line.ok else 'WRONG'}  {line.check}: {line.found}"
            + (f"\n       → {line.fix}" * (not line.ok))
        )
    raise SystemExit(0 if all(line.ok for line in lines) else 1)


def examine(hub: Hub) -> Iterator[Line]:
    """All checks; those that need the database are left out where it cannot be used."""
    yield from _disk(hub)
    yield from _keys(hub)
    yield from _broker(hub)
    yield from _connectors()
    database = list(_database(hub))
    yield from database
    if all(line.ok for line in database):
        for check in (
            _clock,
            _leader,
            _connections,
            _hooks,
            _stopped,
            _throttled,
            _behind,
            _waiting,
            _given_up,
            _feeds,
            _hot,
            _rules,
        ):
            yield from check(hub)


def _disk(hub: Hub) -> Iterator[Line]:
    folder = hub.settings.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    yield Line("disk", free >= LEAST_FREE, f"{free / 1024**3:.1f} GB free at {there}",
               "free some space: without it nothing can be stored, and webhooks are answered with 503")  # fmt: skip
    yield Line("data folder", os.access(there, os.W_OK), f"{folder} can be written" if os.access(there, os.W_OK)
               else f"{folder} cannot be written", "give this user the folder, or set STOCKLINE_DATA_DIR")  # fmt: skip


def _keys(hub: Hub) -> Iterator[Line]:
    if hub.settings.secret_keys:
        yield _tried("keys", lambda: f"{hub.box!r}", "correct STOCKLINE_SECRET_KEYS (kid:base64,…)")
        return
    path = hub.settings.data_dir / KEY_FILE
    if not path.exists():
        yield Line("keys", True, f"{path} will be made at the first start; keep a copy of it apart from the database")
        return
    private = not stat.S_IMODE(path.stat().st_mode) & 0o077
    yield Line("keys", private, f"{path} is {'private' if private else 'readable by others'}", f"chmod 600 {path}")


def _tried(check: str, what: Callable[[], str], fix: str) -> Line:
    """A line from something that may raise; the reason is what was found."""
    try:
        return Line(check, True, what())
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what we are here to tell
        return _wrong(check, error, fix)


def _wrong(check: str, error: Exception, fix: str) -> Line:
    return Line(check, False, explain(error) or type(error).__name__, fix)


def _broker(hub: Hub) -> Iterator[Line]:
    if hub.settings.embedded:
        yield Line("broker", True, "none: everything runs in one process")
        return
    yield _tried("broker", lambda: _ask_broker(hub.settings.broker_url),
                 "start it, or correct STOCKLINE_BROKER_URL; until then work waits in the database")  # fmt: skip


def _connectors() -> Iterator[Line]:
    """What is installed and cannot be used, one line each."""
    broken = registry.broken()
    for each in broken:
        yield Line("connectors", False, each.why, "all others go on: stockline connectors")
    if not broken:
        yield Line("connectors", True, f"{len(registry.names())} can be used")


def _ask_broker(url: str) -> str:
    from kombu import Connection as Broker

    with Broker(url, connect_timeout=4) as broker:
        broker.ensure_connection(max_retries=1, timeout=5)
        return f"{broker.transport.driver_type} answers"


def _database(hub: Hub) -> Iterator[Line]:
    try:
        step, name = migrate.current(hub.db), hub.db.engine.dialect.name
    except Exception as error:  # noqa: BLE001 - whatever is wrong is what we are here to tell
        yield _wrong("database", error, "start it, or correct STOCKLINE_DATABASE_URL")
    else:
        if step is None:
            yield Line("database", False, no_hub(hub.settings), f"start one: {start_words(hub.settings)}")
        else:
            old = f"{name} at step {step}, this program needs {migrate.head()}"
            fine = step == migrate.head()
            yield Line("database", fine, f"{name} at step {step}" if fine else old, "run: stockline db upgrade")


def _clock(hub: Hub) -> Iterator[Line]:
    if hub.db.is_sqlite:
        return
    with hub.db.read() as connection:
        theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    skew = abs((datetime.now(UTC) - theirs).total_seconds())
    yield Line("clock", skew <= MOST_SKEW_S, f"{skew:.1f} s between this machine and the database",
               "let both machines follow a time server (chrony, systemd-timesyncd)")  # fmt: skip


def scheduler_owner(hub: Hub) -> str:
    """The process that looks for waiting work just now; empty: none does."""
    with hub.db.read() as connection:
        row = connection.execute(select(leases.c.owner, leases.c.until).where(leases.c.name == "scheduler")).first()
    return str(row.owner) if row is not None and row.until > datetime.now(UTC) else ""


def _leader(hub: Hub) -> Iterator[Line]:
    owner = scheduler_owner(hub)
    yield Line("scheduler", bool(owner), f"{owner} leads" if owner else "nobody looks for waiting work",
               "start `stockline up`, or `stockline scheduler` in the scaled form")  # fmt: skip


def _connections(hub: Hub) -> Iterator[Line]:
    for one in read_channels(hub.db, datetime.now(UTC)):
        if one.state != "active":
            yield Line(f"connection {one.name}", False, f"{one.state}: {one.state_reason}", paused_words(one.name))
        else:
            yield _active(hub, one)
    yield from _streams(hub)


def _active(hub: Hub, one: ChannelState) -> Line:
    """Whether it can be opened, and how it does: one that fails again and again is not well because it is active."""
    name = f"connection {one.name}"
    opened = _tried(name, lambda: _openable(hub, one), f"stockline connection change {one.name} --help")
    if opened.ok and one.health == "error":
        worst = one.failing[0]
        return Line(name, False, opened.found, _mend(one.name, worst.stream, worst.error, worst.placed))
    return opened


def _openable(hub: Hub, one: ChannelState) -> str:
    load_connection(hub.db, hub.box, one.id)
    hub.channels.get(one.id)
    return f"active, {health_words(one.health)}" + (f": {one.last_error}" if one.last_error else "")


def _streams(hub: Hub) -> Iterator[Line]:
    s = streams.c
    ask = select(s.connection_id, connections.c.name, s.stream, s.failures, s.error, s.cursor).join(
        connections, connections.c.id == s.connection_id
    )
    with hub.db.read() as connection:
        rows = connection.execute(
            ask.where(s.failures > 2, s.paused.is_(False), connections.c.state == "active").order_by(s.failures.desc())
        ).all()
        held = _held(connection)
    for row in rows:
        if row.connection_id not in held:
            yield Line(f"{row.stream} of {row.name}", False, f"failed {row.failures} times in a row: {row.error}",
                       _mend(row.name, row.stream, row.error, row.cursor is not None))  # fmt: skip


def _mend(name: str, stream: str, error: str, placed: bool) -> str:
    """What mends a stream that fails: where it cannot read its own place, nothing but to begin anew."""
    check, anew = f"stockline connection check {name}", f"stockline connection restart {name} {stream}"
    if stream not in PLACED or not placed:
        return check
    if error.startswith("cursor = "):
        return anew_words(name, stream)
    at_fault = f" in pull_{stream} (" in error
    return f"{check}; where it is its own place that it cannot read: {anew}" if at_fault else check


def _hooks(hub: Hub) -> Iterator[Line]:
    """Channels that could call the hub and do not, or elsewhere than below its public address."""
    for one in read_hooks(hub.db, hub.context().callback_url):
        mend = f"stockline connection check {one.connection}"
        if (words := hook_words(one, mend)) is not None:
            fine = not one.why or (one.polled and not one.address)
            yield Line(f"webhooks of {one.connection}", fine, words, "" if fine else mend)


def _stopped(hub: Hub) -> Iterator[Line]:
    """What runs no more although its connection is active, which zeros wait, and what runs without their breaker."""
    for one in read_stopped(hub.db):
        yield Line(f"{one.stream} of {one.connection}", False, found_words(one), mend_words(one.connection))
    for zeros in read_zeros(hub.db):
        yield Line(f"zeros of {zeros.connection}", False, zeros_words(zeros), zeros_mend(zeros))
    for name in read_unwatched(hub.db):
        yield Line(f"breaker of {name}", False, "switched off: stock that sets most listings to 0 is not stopped",
                   f"once the zeros are told: stockline connection allow-zeros {name} --watch")  # fmt: skip


def _held(db: Connection) -> set[int]:
    """Connections that fail because their platforms allow no calls: that has a line of its own."""
    now = datetime.now(UTC)
    return {key for key, found in read_throttles(db, now).items() if found.until > now.timestamp()}


def _throttled(hub: Hub) -> Iterator[Line]:
    """What the platforms themselves slow down: that is why such a connection lags."""
    now = datetime.now(UTC)
    with hub.db.read() as connection:
        throttles = read_throttles(connection, now)
        names = connection.execute(select(connections.c.id, connections.c.name).order_by(connections.c.name)).all()
    for row in names:
        if (found := throttles.get(row.id)) is not None:
            until = datetime.fromtimestamp(found.until, UTC)
            held = f"the platform allows no calls until {until:%Y-%m-%d %H:%M:%S} UTC; that is why it lags"
            slow = f"asked at {found.percent} % of its pace after a 429"
            yield Line(f"limits of {row.name}", until <= now, held if until > now else slow,
                       "it goes on by itself; if it comes often: stockline connection change "
                       f"{row.name} --set calls_per_second=1")  # fmt: skip


def _behind(hub: Hub) -> Iterator[Line]:
    """Connections that walk a backlog: nothing is wrong, but their numbers wait."""
    s = streams.c
    ask = select(connections.c.name, s.newest_at).join(connections, connections.c.id == s.connection_id)
    with hub.db.read() as connection:
        rows = connection.execute(ask.where(s.behind).order_by(connections.c.name)).all()
    for row in rows:
        place = f", read up to {row.newest_at:%Y-%m-%d %H:%M} UTC" if row.newest_at else ""
        yield Line(f"orders of {row.name}", True, f"catching up{place}; its stock is told once they are all here")


def _waiting(hub: Hub) -> Iterator[Line]:
    with hub.db.read() as connection:
        oldest = connection.scalar(select(func.min(inbox.c.received_at)).where(inbox.c.state == "new"))
        fresh = oldest is None or datetime.now(UTC) - oldest < OLD
        yield Line("inbox", fresh, "nothing waits long" if fresh else f"a message waits since {oldest:%Y-%m-%d %H:%M}",
                   "start a worker: stockline up, or stockline worker")  # fmt: skip
        yield _none(connection, select(func.count()).select_from(holds).where(needs_person()),
                    "holds", "open", "stockline holds says what mends each cause; its orders run again")  # fmt: skip


def _given_up(hub: Hub) -> Iterator[Line]:
    """Messages and stock numbers that no try is made for any more."""
    counts = dead_counts(hub.db)
    for kind, check in (("outbox", "messages"), ("push", "stock numbers")):
        letters = dead_letters(hub.db, kind=kind, limit=100)
        yield Line(check, not letters, given_up_words(counts[kind], letters), again_words(letters))


def _feeds(hub: Hub) -> Iterator[Line]:
    with hub.db.read() as connection:
        stale = sorted(read_stale(connection, datetime.now(UTC)))
    found = f"too old: {', '.join(stale)}" if stale else "fresh"
    yield Line("warehouse numbers", not stale, found,
               "import or count them; until then they raise no channel's number (docs/stock.md)")  # fmt: skip


def _hot(hub: Hub) -> Iterator[Line]:
    """Something to know: nothing has to be mended."""
    with hub.db.read() as connection:
        found = hot_skus(connection, datetime.now(UTC))
    yield Line("hot SKUs", True, "; ".join(map(_told, found)) or "none")


def _rules(hub: Hub) -> Iterator[Line]:
    """Rules that are older than a criterion route as they always did: something to know."""
    with hub.db.read() as connection:
        active = read_ruleset(connection)
    lacks = ", ".join(f"strategy {strategy} lacks the newer criterion {by}" for strategy, by in gaps(active))
    hint = f"; {lacks}: stockline rules draft --new-criteria makes a draft with it" if lacks else ""
    yield Line("routing rules", True, f"version {active.version}{hint}")


def _told(hot: HotSku) -> str:
    why = f"{hot.permille / 10:g} % of the lines" if hot.permille else "workers took its stock from each other"
    way = "one worker at a time takes its orders in" if hot.single else "its orders are added up in batches"
    return f"{hot.sku} since {hot.since:%Y-%m-%d %H:%M} UTC: {why}; {way}"


def _none(connection: Connection, ask: Select[Any], check: str, state: str, fix: str) -> Line:
    count = int(connection.scalar(ask) or 0)
    return Line(check, count == 0, f"{count} {state}", fix)
