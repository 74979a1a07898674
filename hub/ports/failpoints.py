"""Named points at which a crash test may end the process; in normal runs each is a no-op call.

The names are those of the reliability promise "a 2xx'd webhook is never lost": a SIGKILL at any of them loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable

POINTS = (
    "after_hmac",
    "after_inbox_commit",
    "before_200",
    "after_claim",
    "after_order_upsert",
    "after_stock_lock",
    "after_reserve",
    "before_commit",
    "after_commit",
    "after_publish",
    "after_confirm",
    "after_lease",
    "after_channel_call",
    "before_settle",
)

_observer: list[Callable[[str], None]] = []


def reach(name: str) -> None:
    """Say that the named point was reached."""
    for observe in _observer:
        observe(name)


def observe_with(observe: Callable[[str], None]) -> None:
    """Install the one observer of this process (a crash test's); replaces an earlier one."""
    if _observer:
        _observer.clear()
    _observer.append(observe)
