"""What `stockline doctor` says of a connection's webhooks."""

from __future__ import annotations

from hub.canonical.loopback import is_loopback
from hub.reports.setup import Hooks


def hook_words(one: Hooks, mend: str) -> str | None:
    """None where all is as it should be. `mend`: the command that registers them at once."""
    return _kept(one, mend) if one.address else _nowhere(one, mend)


def _kept(one: Hooks, mend: str) -> str | None:
    if one.why:
        return f"the channel does not keep them as they were registered{_by_clock(one)}: {one.why}"
    if one.goes and one.goes != one.address:
        return f"go to {one.address}, and a hub that runs has them go to {one.goes} within minutes; at once: {mend}"
    if one.public and one.goes != one.public and not is_loopback(one.public):
        return f"go to {one.address}, not below the public address, {one.public}; to send them there: {mend}"
    return None


def _nowhere(one: Hooks, mend: str) -> str:
    if not one.public:
        return (
            f"not registered, as no public address is set{_by_clock(one)}: set STOCKLINE_PUBLIC_URL, or: {mend} "
            "--callback-url https://…"
        )
    if not one.goes:
        return (
            f"not registered, as the public address {one.public} is one of this machine alone{_by_clock(one)}: set "
            "STOCKLINE_PUBLIC_URL to one that the channel reaches"
        )
    if one.why:
        return f"not registered{_by_clock(one)}: {one.why}; once that is mended: {mend}"
    return f"not registered yet: a hub that runs does it within minutes; at once: {mend}"


def _by_clock(one: Hooks) -> str:
    return ", so orders come by the clock alone" if one.polled else ", and orders do not come by the clock either"
