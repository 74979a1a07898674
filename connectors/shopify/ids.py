"""Shopify's global ids: `gid://shopify/Order/450789469` <-> the number at its end, as text (they pass 2**53)."""

from __future__ import annotations

import re
from typing import Any

from hub.canonical.errors import BadRecord

NUMBER = re.compile(r"[0-9]{1,20}")


def number(value: Any, field: str) -> str:
    """The number of an id given as a number, its text, or a global id. Raises BadRecord."""
    text = "" if isinstance(value, bool) or value is None else str(value).strip()
    text = text.rpartition("/")[2].partition("?")[0] if text.startswith("gid://") else text
    if not NUMBER.fullmatch(text):
        raise BadRecord(field, value, "expected a Shopify id such as 450789469 or gid://shopify/Order/450789469")
    return text


def gid(kind: str, value: Any, field: str) -> str:
    """The global id of `kind` ("Order", "InventoryItem", ...). Raises BadRecord."""
    return f"gid://shopify/{kind}/{number(value, field)}"
