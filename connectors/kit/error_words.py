"""What an error answer says to people, in the channel's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.kit.exact_json import dumps_exact

_KEYS = ("message", "error_description", "detail", "errors", "error")


def platform_words(data: Any, body: bytes) -> str:
    """The human part of an answer: the usual keys of JSON errors, else the text without markup."""
    found = next(filter(None, map(data.get, _KEYS)), None) if isinstance(data, Mapping) else None
    return _told(found) if found else re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace"))


def _told(found: Any) -> str:
    """Each error of a list in its own words, where all have some."""
    rows = found if isinstance(found, list) else []
    told = (row.get("longMessage") or row.get("message") for row in rows if isinstance(row, Mapping))
    words = [one for one in told if isinstance(one, str)]
    if rows and len(words) == len(rows):
        return "; ".join(dict.fromkeys(words))
    return found if isinstance(found, str) else dumps_exact(found).decode()
