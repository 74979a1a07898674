"""What the YAML of Amazon cannot say: SKUs as names of listings."""

from __future__ import annotations

from typing import Any

from mappings.engine import readers


def listing(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A SKU names the listing at Amazon; it may hold blanks."""
    return readers.text(value, place, at)
