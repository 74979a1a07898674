"""Tells all that is wrong with a connection's settings at once: where faults are gathered, the first ends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from hub.canonical.errors import BadRecord, Misconfigured

T = TypeVar("T")
_gathered: ContextVar[list[str] | None] = ContextVar("gathered", default=None)


def unfit(sentence: str, instead: T) -> T:
    """A setting cannot be used: `sentence` names it, and what would be right.

    Returns: `instead`, a value that could be, where faults are gathered: the settings after it are read too.
    Raises:  Misconfigured, everywhere else.
    """
    found = _gathered.get()
    if found is None:
        raise Misconfigured(sentence)
    found.append(sentence)
    return instead


@contextmanager
def noted() -> Iterator[None]:
    """What ends the block, a value that cannot be read too, is told as by `unfit`; nothing after it needs the block."""
    try:
        yield
    except Misconfigured as error:
        for sentence in error.faults:
            unfit(sentence, None)
    except BadRecord as error:
        unfit(str(error), None)


@contextmanager
def all_faults() -> Iterator[None]:
    """Gather the faults within the block. Raises Misconfigured at its end with each of them, once, in their order."""
    found = list[str]()
    before = _gathered.set(found)
    try:
        with noted():
            yield
    finally:
        _gathered.reset(before)
    if found:
        raise Misconfigured(*dict.fromkeys(found))
