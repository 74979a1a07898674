"""How commands tell of stopped streams: why each is, what waits, and which command mends it."""

from __future__ import annotations

from hub.reports.stopped import Stopped, Zeros


def found_words(one: Stopped) -> str:
    """What is the matter with a stopped stream."""
    if one.breaker:
        return f"stopped: {one.why}"
    return f"stopped by hand; its last error: {one.why}" if one.why else "stopped by hand"


def mend_words(one: Stopped) -> str:
    """The commands that set a stopped stream going again."""
    resume = f"stockline connection resume {one.connection}"
    if not one.breaker:
        return resume
    return (
        f"are the zeros meant: stockline connection allow-zeros {one.connection}; else mend the stock, then: {resume}"
    )


def resumed_words(one: Stopped, zeros: Zeros | None) -> str:
    """What became of a stream that was stopped when its connection was resumed. `zeros`: of the breaker's only."""
    if zeros is None or not zeros.listings:
        return f"{one.stream} was {found_words(one)}. It goes on."
    return (
        f"{one.stream} was {found_words(one)}. {zeros_words(zeros)}: if these are still too many, it stays stopped, "
        f"else they are told; {mend_words(one)}"
    )


def zeros_words(zeros: Zeros) -> str:
    """Which listings wait with 0 now."""
    if not zeros.listings:
        return "no listing waits with 0 now"
    more = f" and {zeros.more} more" if zeros.more else ""
    count = "1 listing waits" if zeros.listings == 1 else f"{zeros.listings} listings wait"
    return f"{count} with 0 now ({', '.join(zeros.skus)}{more})"
