"""How commands tell of what was given up: the first few by name and reason, and the command that tries it again."""

from __future__ import annotations

from collections.abc import Sequence

from hub.pages.labels import label
from hub.reports.dead import DeadLetter

NAMED = 3
LONGEST = 150
"""Characters of a reason."""


def given_up_words(count: int, letters: Sequence[DeadLetter]) -> str:
    """How many were given up, and the newest of them; none: that."""
    if not count:
        return "0 given up"
    more = f"; and {count - NAMED} more" if count > NAMED else ""
    return f"{count} given up: {'; '.join(map(_named, letters[:NAMED]))}{more}"


def again_words(letters: Sequence[DeadLetter]) -> str:
    """The commands that try them again, one for each connection."""
    shops = sorted({letter.connection for letter in letters})
    commands = "; ".join(f"stockline connection push {shop} --again" for shop in shops)
    return f"mend the reason, then: {commands}; or the page Dead letters (/dead)"


def _named(letter: DeadLetter) -> str:
    what = letter.topic if letter.kind == "push" else label("topic", letter.topic)
    order = f" of order {letter.number}" if letter.number else ""
    why = " ".join(letter.error.split()) or "no reason was kept"
    return f"{what}{order} to {letter.connection} ({why[:LONGEST]}{'…' * (len(why) > LONGEST)})"
