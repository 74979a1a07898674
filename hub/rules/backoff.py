"""When a failed call is tried again."""

from __future__ import annotations

TRIES = 8
LONGEST_S = 300.0


def retry_delay_s(attempt: int, asked: float | None = None, jitter: float = 0.0) -> float | None:
    """Seconds to wait before the next try.

    Args:    attempt: how many tries have failed, >= 1.
             asked:   seconds the channel asked for (Retry-After); obeyed, however long; negative or NaN counts as 0.
             jitter:  0 to 1, drawn by the caller; adds up to a quarter so that a crowd does not come back at once.
    Returns: what was asked, else 2**attempt up to 300, plus jitter; None after 8 failed tries (dead letter).
    """
    if attempt >= TRIES:
        return None
    wait = min(2.0 ** max(1, attempt), LONGEST_S) if asked is None else (asked if asked > 0 else 0.0)
    return wait * (1 + 0.25 * min(1.0, max(0.0, jitter)))
