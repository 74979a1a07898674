"""How money, quantities, times and payloads are written for people, in their language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, get_currency_precision
from babel.units import format_unit
from markupsafe import Markup

from hub.canonical.times import iso

UNKNOWN = "–"


class Formats:
    """The formatters of one language; templates call its methods by name.

    house: the house currency, ISO 4217, in which amounts are that name none; "": they have no sign.
    """

    def __init__(self, language: str, house: str = "") -> None:
        self.language, self.house = language, house

    def money(self, amount: Decimal | str | int | None, currency: str | None) -> str:
        """12.5, "USD" -> $12.50. Unknown is a dash; an unknown currency stands behind the plain number."""
        number = _decimal(amount)
        if number is None:
            return UNKNOWN
        if not currency or len(currency) != 3:
            return (
                f"{format_decimal(number, locale=self.language, decimal_quantization=False)} {currency or ''}".strip()
            )
        return format_currency(number, currency.upper(), locale=self.language)

    def number(self, value: Decimal | str | int | float | None) -> str:
        """1234567 -> 1,234,567; no rounding. Unknown is a dash."""
        exact = _decimal(value)
        return UNKNOWN if exact is None else format_decimal(exact, locale=self.language, decimal_quantization=False)

    def amount(self, value: Decimal | str | None) -> str:
        """Money of the house currency: Decimal("4.9") -> €4.90, or 4.90 where nobody set which it is; no rounding."""
        exact = _decimal(value)
        if exact is None:
            return UNKNOWN
        if self.house:
            return format_currency(exact, self.house, locale=self.language, decimal_quantization=False)
        places = max(2, -int(exact.as_tuple().exponent))
        return format_decimal(exact, format=f"#,##0.{'0' * places}", locale=self.language)

    def about(self, value: Decimal | str | None) -> str:
        """Money for comparing, rounded to the house currency's places, else to two: "24.770166" -> 24.77."""
        exact = _decimal(value)
        places = get_currency_precision(self.house) if self.house else 2
        return UNKNOWN if exact is None else self.amount(round(exact, places))

    def compact(self, value: int | None) -> str:
        """For tiles and tabs: 12,345 -> 12.3K; below 10,000 as it is."""
        if value is None:
            return UNKNOWN
        if abs(value) < 10_000:
            return self.number(value)
        return format_compact_decimal(value, locale=self.language, fraction_digits=1)

    def seconds(self, value: float | None) -> str:
        """How long: 0.4 sec, 12 sec, 5 min, 3 hr. Unknown is a dash."""
        if value is None:
            return UNKNOWN
        if value < 1:
            return format_unit(value, "duration-second", "short", format="0.0", locale=self.language)
        return format_timedelta(timedelta(seconds=value), locale=self.language, format="short", threshold=1.5)

    def moment(self, at: datetime | None) -> str:
        """A date and time in UTC, in the language's medium form."""
        if at is None:
            return UNKNOWN
        return f"{format_datetime(at, 'medium', locale=self.language)} UTC"

    def ago(self, at: datetime | None, now: datetime) -> Markup:
        """A <time> that says how long ago (or how soon); the exact time is on hover. The browser keeps it fresh."""
        if at is None:
            return Markup.escape(UNKNOWN)
        words = format_timedelta(at - now, locale=self.language, add_direction=True, threshold=1)
        return Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(iso(at), self.moment(at), words)

    def placed(self, at: datetime) -> str:
        """When an order was placed, to the minute in UTC; only the day where its document tells no more."""
        return f"{at:%Y-%m-%d}" if _is_day(at) else f"{at:%Y-%m-%d %H:%M} UTC"

    def placed_ago(self, at: datetime, now: datetime) -> Markup:
        """How long ago an order was placed; the day where its document tells no more than the day."""
        return Markup('<time datetime="{0}">{0}</time>').format(self.placed(at)) if _is_day(at) else self.ago(at, now)

    def clock(self, at: datetime | None) -> Markup:
        """A <time> with date and time to the second; the browser shows it in its own zone."""
        if at is None:
            return Markup.escape(UNKNOWN)
        return Markup('<time datetime="{}" title="{}" data-clock>{}</time>').format(
            iso(at), self.moment(at), self.moment(at)
        )

    def pretty(self, value: object) -> str:
        """A payload to read: JSON indented, bytes decoded, anything else as its text."""
        return pretty(value)


def _is_day(at: datetime) -> bool:
    """Documents that name a day and no time (EDI) are kept as its midnight in UTC."""
    return (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)


def _decimal(value: Decimal | str | int | float | None) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def pretty(value: object) -> str:
    """JSON with an indent where it is JSON, its numbers digit for digit; else the text as it is."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        try:
            value = json.loads(value, parse_float=_kept, parse_int=_kept, parse_constant=_kept)
        except (ValueError, RecursionError):
            return str(value)
    return _KEPT.sub(r"\1", json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


_KEPT = re.compile(r'"\\u0000([-+.0-9A-Za-z]+)\\u0000"')


def _kept(number: str) -> str:
    """A number's own digits, fenced so that they can be written without quotes."""
    return f"\0{number}\0"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
