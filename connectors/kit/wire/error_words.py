"""What an error answer says to people, in the channel's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.kit.wire.exact_json import dumps_exact

_KEYS = ("message", "error_description", "detail", "errors", "error", "title")
_OF_AN_ERROR = frozenset(
    {"errorId", "domain", "subdomain", "category", "code", "message", "longMessage", "details"}
    | {"id", "type", "status", "title", "detail"}
)
"""What an error of a list may have, so that its words say all that a person needs."""
_WORDS = ("longMessage", "message", "detail", "title")
"""Where an error of a list says them, the fullest first; `title` and `detail` are those of JSON:API and RFC 9457."""


def platform_words(data: Any, body: bytes) -> str:
    """The human part of an answer: the usual keys of JSON errors, else the text without markup."""
    found = next(filter(None, map(data.get, _KEYS)), None) if isinstance(data, Mapping) else None
    return _told(found) if found else re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", "replace"))


def _told(found: Any) -> str:
    """Each error of a list in its own words, where they say all."""
    words = [_of(row) for row in found] if isinstance(found, list) else []
    if words and all(words):
        return "; ".join(dict.fromkeys(words))
    return found if isinstance(found, str) else dumps_exact(found).decode()


def _of(row: Any) -> str:
    """One error's words; "" where it has none, or has more to say than words."""
    if not isinstance(row, Mapping) or not row.keys() <= _OF_AN_ERROR:
        return ""
    words = next(filter(None, map(row.get, _WORDS)), None)
    told = (row.get("code"), row.get("title"), words, row.get("details")) if words else ()
    return ": ".join(dict.fromkeys(one for one in told if isinstance(one, str) and one))
