"""Where a connection's webhooks are to go: below the hub's public address, or where a person sent them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.loopback import is_loopback

CALLBACK = "callback_url"
"""The setting that a successful check with an address leaves: where the channel's webhooks go."""
FOLLOWS = "callback_follows"
"""The setting that says "yes" where that address is the public one of its time: another public one takes its place."""


def registers_at(settings: Mapping[str, Any], public: str) -> str:
    """Where the clock has the webhooks of a connection go; empty: nowhere.

    Args: settings: the connection's. public: its address below the hub's public one; empty where there is none.
    """
    known = str(settings.get(CALLBACK) or "")
    named = known and not settings.get(FOLLOWS)
    return known if named or not _can_be_called(settings, public) else public


def _can_be_called(settings: Mapping[str, Any], public: str) -> bool:
    """An address of this machine alone is called by a shop on this machine, as practice shops are, and by no other."""
    shop = (str(value) for name, value in settings.items() if name != CALLBACK)
    return bool(public) and (not is_loopback(public) or any(map(is_loopback, shop)))
