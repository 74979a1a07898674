"""How commands tell of what is stopped: why each thing is, which zeros wait, and which command mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.reports.lists import connection_list
from hub.reports.stopped import SHOWN, Stopped, Zeros, read_stopped
from hub.rules.health import Health
from hub.wiring import Hub


def health_words(health: Health) -> str:
    """How a connection does, as people read it: `on time`, `error`."""
    return health.replace("_", " ")


def found_words(one: Stopped) -> str:
    """What is the matter with a stopped stream."""
    return f"stopped; its last error: {one.why}" if one.why else "stopped by hand"


def mend_words(connection: str) -> str:
    """The command that sets a connection and its stopped streams going again."""
    return f"stockline connection resume {connection}"


def paused_words(connection: str) -> str:
    """The commands that set a connection going again that is paused."""
    return f"mend the reason, then: stockline connection check {connection}; {mend_words(connection)}"


def anew_words(connection: str, stream: str) -> str:
    """What mends a stream that cannot read its own place."""
    anew = f"stockline connection restart {connection} {stream}"
    return f"it cannot read its own place; begin anew, nothing is doubled: {anew}"


def stands_still(hub: Hub, key: int, names: Sequence[str]) -> dict[str, str]:
    """Stream -> why it does not run and what sets it going; only those of `names` that do not."""
    row = next(row for row in connection_list(hub.db) if row["id"] == key)
    if row["state"] != "active":
        why = f"{row['name']} is {row['state']}: {row['state_reason']}; {paused_words(row['name'])}"
        return dict.fromkeys(names, why)
    return {
        one.stream: f"{one.stream} of {one.connection} is {found_words(one)}; {mend_words(one.connection)}"
        for one in read_stopped(hub.db, key)
        if one.stream in names
    }


def zeros_words(zeros: Zeros) -> str:
    """What waits with 0; nothing else is kept back with it."""
    wait = "waits" if zeros.listings == 1 else "wait"
    return (
        f"{zeros.listings} of {zeros.stocked} listings with stock {wait} with 0 ({_named(zeros)}): these did not sell "
        "out, and are not told until somebody says so (mass-zero breaker, which keeps no other number back)"
    )


def zeros_mend(zeros: Zeros) -> str:
    """The commands that decide about the zeros that wait."""
    name = zeros.connection
    return (
        f"are the zeros meant: stockline connection allow-zeros {name}; else mend the stock: what is above 0 again "
        f"goes out by itself, and {mend_words(name)} has the rest judged anew"
    )


def judged_words(zeros: Zeros) -> str:
    """What becomes of the zeros that waited when a connection was resumed."""
    return (
        f"{zeros.listings} listings waited with 0 ({_named(zeros)}): if these are still too many, they wait on, else "
        f"they are told; {zeros_mend(zeros)}"
    )


def let_go_words(connection: str, waited: Mapping[str, int]) -> list[str]:
    """What a person's word let go (SKU -> listings), that the breaker is off, and how it is armed again."""
    skus, count = sorted(waited), sum(waited.values())
    listings = "1 listing that waited with 0 is" if count == 1 else f"{count} listings that waited with 0 are"
    gone = f"{listings} told with the next push: {_few(skus[:SHOWN], len(skus[SHOWN:]))}."
    arm = f"stockline connection allow-zeros {connection} --watch"
    return [
        gone if waited else "Nothing waited with 0.",
        f"The breaker of {connection} is OFF: any further zeros are told too. Let it watch again afterwards: {arm}",
    ]


def _named(zeros: Zeros) -> str:
    return _few(zeros.skus, zeros.more)


def _few(first: Sequence[str], more: int) -> str:
    return ", ".join(first) + (f" and {more} more" if more else "")
