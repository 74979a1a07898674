"""Why a stream is stopped: the mass-zero breaker writes down a code, and people read a sentence."""

from __future__ import annotations

import re

from hub.canonical.told import told

BREAKER = "mass-zero breaker"
"""How the error of a stream begins that the breaker stopped."""
_CODE = re.compile(rf"{BREAKER}: mass_zero zeroed=(\d+) stocked=(\d+)")


def by_breaker(paused: bool, error: str) -> bool:
    """Whether the breaker stopped a stream of this error, and no person."""
    return paused and error.startswith(BREAKER)


def in_words(error: str) -> str:
    """The error of a stream as people read it: the breaker's code as a sentence, all else as it is."""
    found = _CODE.fullmatch(error)
    if found is None:
        return error
    zeroed, stocked = found.groups()
    return told(f"{zeroed} of {stocked} listings with stock would show 0 (mass-zero breaker)")
