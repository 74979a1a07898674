"""What is said of an error that nobody expected."""

from __future__ import annotations

import traceback

LONGEST = 120
"""Characters of its own words: they may hold a payload."""


def crash_words(error: BaseException, package: str = "") -> str:
    """Kind, words and place of such an error: `KeyError: 'orders', at /srv/shop/orders.py:50`.

    package: name the innermost place in the code of this package, none where its code did not raise.
    """
    place = crash_place(error, package)
    return f"{type(error).__name__}: {str(error)[:LONGEST]}{f', at {place}' if place else ''}"


def crash_place(error: BaseException, package: str = "") -> str:
    """`/srv/shop/orders.py:50`: the innermost place, in the code of `package` where it is named; "" for none."""
    frames = [
        f"{frame.f_code.co_filename}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if f"{frame.f_globals.get('__name__')}.".startswith(f"{package}." if package else "")
    ]
    return frames[-1] if frames else ""
