"""How commands tell of what is held: why, since when, and which command mends it; in the words of the page Holds."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from hub.pages.hold_words import cause_title, hold_name, hold_why, mend_text
from hub.pages.i18n import Voice, language_of_terminal
from hub.reports.holds import Cause, OrderHold
from hub.reports.unread import Unread

ENGLISH = Voice("en")


def terminal_voice() -> Voice:
    """The language that the terminal is set to."""
    return Voice(language_of_terminal(os.environ))


def commands_of(cause: Cause) -> list[str]:
    """The commands that mend a cause, with what is to be filled in written in capitals; none where time does."""
    shop, what = shlex.quote(cause.connection), shlex.quote(cause.value)
    again = f"stockline holds again {cause.id}"
    if cause.kind in ("unknown_sku", "not_whole"):
        ref = shlex.quote(cause.listing_ref or cause.offered_sku or cause.value)
        units = " --units PIECES" if cause.kind == "not_whole" else ""
        new = [f"stockline item add {shlex.quote(cause.addable)}"] if cause.addable else []
        return [f"stockline listing link {shop} {ref} SKU{units}", *new]
    if cause.until or cause.kind == "backorder":
        return []
    if cause.kind == "short":
        return [f"stockline stock add {what} WAREHOUSE PIECES"]
    dismiss = [f"stockline holds dismiss {cause.id}"] if cause.may_be_dismissed else []
    if cause.kind == "bad_record" and cause.table:
        row = shlex.quote(f"{cause.table}={cause.value},MEANING")
        return [f"stockline mapping draft {shop} --row {row}", f"stockline mapping replay {shop}", *dismiss]
    return dismiss if cause.of == "file" and dismiss else [again, *dismiss]


def why_words(say: Voice, cause: Cause) -> str:
    """What is the matter, with the field of a message that nobody could read."""
    if cause.kind == "bad_record":
        return f"{cause.field} = {cause.value!r}: {hold_why(say, cause)}"
    return hold_why(say, cause)


def tell_cause(say: Voice, cause: Cause) -> None:
    """A cause with all that waits for it, in a few lines."""
    _line(cause_title(say, cause))
    numbers = ", ".join(number for _, number in cause.examples)
    more = " …" if cause.orders > len(cause.examples) else ""
    click.echo(f"  {_since(cause.oldest)}" + (f"; orders: {numbers}{more}" if numbers else ""))
    for line in _why_and_mend(say, cause):
        _line(f"  {line}")


def tell_order(say: Voice, number: str, hold: OrderHold) -> None:
    """Why one order is held, in a few lines."""
    what = f": {hold.cause.value}" if hold.cause.value else ""
    _line(f"{number} is held {_since(hold.since)}: {hold_name(say, hold.cause)}{what}")
    for line in _why_and_mend(say, hold.cause):
        _line(f"  {line}")


def tell_unread(say: Voice, message: Unread, asked: str = "") -> None:
    """Why a message of an order is held, in a few lines; `asked`: the number that only its text has."""
    which = f"A message of {message.connection} ({message.ref})"
    named = f" names {asked} and" if message.named else ""
    _line(f"{which}{named} could not be read, and is held {_since(message.hold.since)}:")
    for line in _why_and_mend(say, message.hold.cause):
        _line(f"  {line}")


def _line(text: str) -> None:
    """What channels wrote may hold signs that a terminal would obey."""
    click.echo("".join(sign if sign.isprintable() else "�" for sign in text))


def _since(at: datetime) -> str:
    return f"since {at:%Y-%m-%d %H:%M} UTC"


def _meant(say: Voice, cause: Cause) -> Iterator[str]:
    """The SKUs that may be meant; which one is, a person says."""
    if cause.suggestions:
        found = ", ".join(f"{one.sku} ({one.title}, {one.score:.0%})" for one in cause.suggestions)
        yield f"{say.gettext('Do you mean …')} {found}"


def _why_and_mend(say: Voice, cause: Cause) -> Iterator[str]:
    why, mend = why_words(say, cause), mend_text(say, cause)
    yield why
    if mend != why:
        yield mend
    yield from _meant(say, cause)
    for command in commands_of(cause):
        yield f"→ {command}"


def cause_data(cause: Cause) -> dict[str, Any]:
    """A cause for programs; texts in English."""
    names = ("id", "fingerprint", "kind", "connection", "field", "value", "orders", "messages", "oldest", "newest",
             "until", "listing_ref", "offered_sku")  # fmt: skip
    return {name: getattr(cause, name) for name in names} | {
        "why": why_words(ENGLISH, cause), "numbers": [number for _, number in cause.examples],
        "suggestions": [one.sku for one in cause.suggestions], "mend": mend_text(ENGLISH, cause),
        "commands": commands_of(cause),
    }  # fmt: skip


def hold_data(hold: OrderHold) -> dict[str, Any]:
    """Why one order is held, for programs."""
    data = cause_data(hold.cause)
    kept = ("id", "kind", "field", "value", "why", "until", "fingerprint", "mend", "commands")
    return {"since": hold.since} | {name: data[name] for name in kept}
