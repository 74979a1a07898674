"""Who calls a channel just now: the lane that the call is in, and how its thread waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from hub.canonical.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Caller:
    """`sleep` waits so many seconds; a worker's gives its place to others meanwhile.

    rung: a doorbell brought it, which may be an old one: what runs by the clock runs only when it is due.
    """

    urgency: Urgency = Urgency.PERSON
    sleep: Callable[[float], None] = time.sleep
    rung: bool = False


_NOBODY = Caller()
_caller: ContextVar[Caller] = ContextVar("caller", default=_NOBODY)


def caller() -> Caller:
    """The caller of this thread; a person where nobody said otherwise."""
    return _caller.get()


@contextmanager
def calling(
    *, urgency: Urgency | None = None, sleep: Callable[[float], None] | None = None, rung: bool | None = None
) -> Iterator[None]:
    """Within the block calls are of this lane, and wait in this way; what is not named stays as it was."""
    now = _caller.get()
    token = _caller.set(
        Caller(
            now.urgency if urgency is None else urgency, sleep or now.sleep, now.rung if rung is None else rung
        )
    )  # fmt: skip
    try:
        yield
    finally:
        _caller.reset(token)
