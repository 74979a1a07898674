"""Addresses that lead to the machine that asks for them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine by name or literal address; one that cannot be read is not."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
