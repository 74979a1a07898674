"""Reads stored messages with a draft of a mapping and with the active one, and says what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from hub.canonical.times import iso
from hub.ports.mapping import ToOrders
from hub.rules.order_diff import MessageDiff, Reading, Verdict, compare, count
from hub.rules.ruleset_diff import sentence
from hub.store.inbox import CLAIMED, Message
from hub.store.mappings import body_of
from hub.store.tables import inbox, mapping_versions
from hub.usecases.context import Context
from hub.usecases.crashes import crash_reason
from hub.usecases.ingest_inbox import ORDERS, Translated, read_message

_v = mapping_versions.c
LAST = 100
"""Orders that a dry run reads where nobody says how many."""
MOST = 1000
MOST_HELD = 500


@dataclass(frozen=True, slots=True)
class DryRun:
    """What became of the messages: first those that are held, then the latest of each of the last orders.

    broken: read now, and not any more with the draft; mended: the other way round; stuck: not read either way.
    money: those of the changed ones of which another amount or currency would be paid; sent: of which something else
    would be sent, or an order that was not ready to be.
    """

    version: int
    messages: tuple[MessageDiff, ...]

    @property
    def counts(self) -> dict[str, int]:
        """messages (all of them), changed, money, sent, broken, mended, stuck."""
        words: tuple[Verdict, ...] = ("changed", "broken", "mended", "stuck")
        verdicts: dict[str, int] = {word: count(self.messages, word) for word in words}
        money = sum(bool(one.money) for one in self.messages)
        sent = sum(bool(one.sent) for one in self.messages)
        return {"messages": len(self.messages), "money": money, "sent": sent, **verdicts}

    def differences(self, most: int = 3) -> list[str]:
        """The first messages that would change, one a line with what changes first: what is paid leads, then what is
        sent."""
        changed = sorted((one for one in self.messages if one.changes), key=lambda one: (not one.money, not one.sent))
        return [f"{one.number}: {sentence((one.grave or one.changes)[0])}" for one in changed[:most]]


def dry_run(ctx: Context, connection_id: int, version: int, *, last: int = LAST) -> DryRun:
    """Read the stored payloads of the last orders, and of what is held, with one version and with the active one.

    Args:   last: orders, 1 to 1000. Raises: NotFound. BadInput: the version's body cannot be used any more.
    """
    with ctx.db.read() as db:
        body = body_of(db, connection_id, version)
        rows = [*_held(db, connection_id), *_last(db, connection_id, min(max(last, 1), MOST))]
    trial, active = ctx.mappings.trial(connection_id, body), ctx.channel(connection_id).to_orders
    found = tuple(compare(row.id, row.ref, _reading(row, active), _reading(row, trial)) for row in rows)
    run = DryRun(version, found)
    with ctx.db.write() as db:
        tried = {"at": iso(ctx.clock()), **run.counts}
        mine = (_v.connection_id == connection_id, _v.version == version)
        db.execute(mapping_versions.update().where(*mine).values(tried=tried))
    return run


def _held(db: Connection, connection_id: int) -> list[Message]:
    mine = (inbox.c.connection_id == connection_id, inbox.c.kind.in_(ORDERS), inbox.c.state.in_(("held", "dead")))
    return _newest(db, mine, MOST_HELD)


def _last(db: Connection, connection_id: int, last: int) -> list[Message]:
    """The latest message of each of the last orders that were read."""
    mine = (inbox.c.connection_id == connection_id, inbox.c.kind.in_(ORDERS), inbox.c.state == "done")
    rows = _newest(db, mine, 3 * last)
    latest: dict[str, Message] = {}
    for row in rows:
        latest.setdefault(row.ref, row)
    return list(latest.values())[:last]


def _newest(db: Connection, mine: Iterable[ColumnElement[bool]], most: int) -> list[Message]:
    query = select(*CLAIMED).where(*mine).order_by(inbox.c.id.desc()).limit(most)
    return [Message(*row) for row in db.execute(query)]


def _reading(row: Message, to_orders: ToOrders) -> Reading:
    told = read_message(row, to_orders)
    return Reading(told.orders, _why(told))


def _why(told: Translated) -> str:
    """Why a message gave no orders; "" where it gave some."""
    if told.crash is not None:
        return crash_reason(told.crash)
    return "" if told.problem is None else str(told.problem)
