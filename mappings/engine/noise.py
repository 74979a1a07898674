"""Takes the noise of computed amounts out of a payload: 21.989999999999998 is 21.99."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings.engine import readers

_MOST, _DECIMALS = 6, 4
"""A number with more decimals than the first was computed by a machine; it is rounded to the second."""


def without_noise(value: Any) -> Any:
    """The payload with each number of more than 6 decimals rounded to 4; those of 10**11 and more stay as they are."""
    if isinstance(value, Mapping):
        return {key: without_noise(child) for key, child in value.items()}
    if isinstance(value, list):
        return [without_noise(child) for child in value]
    if (
        isinstance(value, Decimal)
        and value.is_finite()
        and abs(value) < 10**11
        and readers.decimal_places(value) > _MOST
    ):
        return readers.trimmed(round(value, _DECIMALS), 0)
    return value
