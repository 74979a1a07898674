"""Exact numbers: money and quantities as `Decimal`, never as a float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from hub.canonical.errors import BadRecord

LIMIT = Decimal(10) ** 12
"""Amounts and quantities are smaller than this; anything larger is a fault in the source."""

MICRO = Decimal(1_000_000)
MAX_DECIMALS = 12


def exact(value: object, field: str) -> Decimal:
    """Read one number as written, without rounding.

    Args:    value: str, int or Decimal (a float is taken by its shortest text, as JSON wrote it).
             field: path named in the error.
    Returns: a finite Decimal with |x| < 10**12 and at most 12 decimals.
    Raises:  BadRecord: not a number, not finite, too large, or too many decimals.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise BadRecord(field, value, "expected a number")
    text = value.strip() if isinstance(value, str) else str(value)
    if len(text) > 64 or "_" in text:
        raise BadRecord(field, value, "expected a number of at most 64 characters")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadRecord(field, value, "expected a number such as 19.90") from None
    return _bounded(number, value, field)


def _bounded(number: Decimal, value: object, field: str) -> Decimal:
    if not number.is_finite() or abs(number) >= LIMIT:
        raise BadRecord(field, value, "expected a number below 1000000000000")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        raise BadRecord(field, value, f"expected at most {MAX_DECIMALS} decimals")
    return unsigned(number)


def unsigned(number: Decimal) -> Decimal:
    """A zero without the sign that some systems write before it: `-0.00` -> `0.00`; anything else as it is."""
    return number if number else number.copy_abs()


def plain(number: Decimal) -> str:
    """A Decimal as text without exponent, digits kept as they are: `Decimal("2E+1")` -> "20"."""
    text = format(number, "f")
    return "0" if text == "-0" else text


def to_micros(number: Decimal) -> int:
    """Money as whole millionths for a database column; more than 6 decimals is an error of ours."""
    scaled = number * MICRO
    whole = int(scaled)
    if scaled != whole:
        raise BadRecord("total", number, "expected at most 6 decimals")
    return whole


def from_micros(micros: int) -> Decimal:
    """The inverse of `to_micros`, with at least two decimals: 19900000 -> Decimal("19.90")."""
    number = (Decimal(micros) / MICRO).normalize()
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal("0.01")) if not isinstance(exponent, int) or exponent > -2 else number
