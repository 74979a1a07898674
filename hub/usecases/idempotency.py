"""Makes a repeated API request harmless: one key, one effect, one answer, kept for seven days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from hub.canonical.errors import BadInput, Conflict, Rejected
from hub.store.database import Database, insert_new
from hub.store.tables import idempotency_keys
from hub.usecases.context import Context
from hub.usecases.housekeeping import KEEP_KEYS

LEASE = timedelta(seconds=60)
"""A key that is in flight for longer belonged to a process that died: whoever asks next may go on."""

_k = idempotency_keys.c


@dataclass(frozen=True, slots=True)
class Asked:
    """One keyed request. `scope`: who asks and on which route; `digest`: hash of everything that was asked."""

    scope: str
    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: HTTP status (200 to 499) and the body's bytes. `again`: it was given before."""

    status: int
    body: bytes
    again: bool = False


Act = Callable[[Context], Answer]
Refuse = Callable[[Rejected], Answer]
"""Words a refusal as an answer."""


def once(ctx: Context, asked: Asked, act: Act, refuse: Refuse) -> Answer:
    """Answer a keyed request: act at most once, and give the same bytes ever after.

    The effect and its answer are one transaction, so a crash leaves both or none. A refusal is an answer too. Any other
    error frees the key and goes up: the same request may be sent again.

    Raises: BadInput: the key was used for another request. Conflict: the same request is being worked on right now.
    """
    claimed = _known(ctx, asked) or _claim(ctx, asked)
    if isinstance(claimed, Answer):
        return claimed
    try:
        return together(ctx, act, lambda db, answer: _settle(db, asked, claimed, answer))
    except Rejected as error:
        answer = refuse(error)
        with ctx.db.write() as db:
            _write(db, asked, claimed, answer)
        return answer
    except BaseException:
        with ctx.db.write() as db:
            db.execute(idempotency_keys.delete().where(_mine(asked, claimed)))
        raise


def together(ctx: Context, act: Act, last: Callable[[Connection, Answer], None] | None = None) -> Answer:
    """Run use cases as one transaction, begun at their first write; doorbells ring once it is committed.

    Args: last: what else belongs into the transaction, at its end.
    """
    bells = _Later()
    with OneTransaction(ctx.db) as joined:
        answer = act(replace(ctx, db=joined, doorbell=bells))
        if last is not None:
            with joined.write() as db:
                last(db, answer)
    for work, connection_id in bells.rung:
        ctx.doorbell.ring(work, connection_id)
    return answer


class OneTransaction(Database):
    """A database whose writes all belong to one transaction: begun at the first, committed at the end of the block."""

    def __init__(self, db: Database) -> None:
        self.url, self.engine, self.is_sqlite = db.url, db.engine, db.is_sqlite
        self._db = db
        self._stack = ExitStack()
        self._open: Connection | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The one transaction."""
        if self._open is None:
            self._open = self._stack.enter_context(self._db.write())
        yield self._open

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Sees what was written so far in this block."""
        if self._open is not None:
            yield self._open
            return
        with self._db.read() as connection:
            yield connection

    def __enter__(self) -> OneTransaction:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


class _Later:
    """Notes the doorbells that are to ring after the commit."""

    def __init__(self) -> None:
        self.rung: dict[tuple[str, int | None], None] = {}

    def ring(self, work: str, connection_id: int | None = None) -> None:
        self.rung[work, connection_id] = None


def _where(asked: Asked) -> Any:
    return and_(_k.scope == asked.scope, _k.key == asked.key)


def _mine(asked: Asked, claimed: datetime) -> Any:
    """The claim made at that moment, still open: another that took it over has a later one."""
    return and_(_where(asked), _k.status == 0, _k.created_at == claimed)


def _known(ctx: Context, asked: Asked) -> Answer | None:
    """The answer given before, looked up without a lock."""
    with ctx.db.read() as db:
        row = db.execute(select(idempotency_keys).where(_where(asked))).one_or_none()
    if row is None or row.status == 0 or row.created_at < ctx.clock() - KEEP_KEYS:
        return None
    return _answer(row, asked)


def _claim(ctx: Context, asked: Asked) -> datetime | Answer:
    """Take the key for this request; the answer where somebody was faster and is done."""
    now = ctx.clock()
    row = {"scope": asked.scope, "key": asked.key, "request_hash": asked.digest, "status": 0, "body": b"",
           "created_at": now}  # fmt: skip
    with ctx.db.write() as db:
        if insert_new(db, idempotency_keys, [row], ("scope", "key")):
            return now
        found = db.execute(select(idempotency_keys).where(_where(asked)).with_for_update()).one_or_none()
        if found is None:
            raise _in_flight(asked)
        if found.created_at >= now - (LEASE if found.status == 0 else KEEP_KEYS):
            answer = _answer(found, asked)
            if answer is None:
                raise _in_flight(asked)
            return answer
        if found.status == 0:
            _answer(found, asked)  # another request may not take it over
        db.execute(idempotency_keys.update().where(_where(asked)).values(row))
    return now


def _answer(row: Row[Any], asked: Asked) -> Answer | None:
    """The kept answer, None while it is in flight. Raises BadInput: the key stands for another request."""
    if row.request_hash != asked.digest:
        raise BadInput(f"Idempotency-Key {asked.key!r} was used for another request: take a new key for a new request")
    return Answer(row.status, row.body, again=True) if row.status else None


def _in_flight(asked: Asked) -> Conflict:
    return Conflict(f"the request with Idempotency-Key {asked.key!r} is being worked on: repeat it in a moment")


def _write(db: Connection, asked: Asked, claimed: datetime, answer: Answer) -> int:
    values = {"status": answer.status, "body": answer.body}
    return db.execute(idempotency_keys.update().where(_mine(asked, claimed)).values(values)).rowcount


def _settle(db: Connection, asked: Asked, claimed: datetime, answer: Answer) -> None:
    """Keep the answer beside its effect; where another took the key over, neither may stand."""
    if not _write(db, asked, claimed, answer):
        raise _in_flight(asked)
