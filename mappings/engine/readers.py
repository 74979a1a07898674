"""What a compiled mapping calls at run time: one reader per kind of value, each naming field, value and why.

Every reader takes (value, place, at): `place` is the field's path with `{}` for each list index, `at` the indexes.
The path is only put together when something is wrong. None and blank text are read as None.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from hub.canonical.amounts import LIMIT, exact, plain, unsigned
from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.faults import unfit
from hub.canonical.times import parse_time
from hub.canonical.told import told
from mappings.engine.countries import alpha2
from mappings.engine.tables import Table

At = tuple[int, ...]
_PLAIN = re.compile(r"-?[0-9]{1,11}(?:\.[0-9]{1,6})?").fullmatch
"""A number as most are written: no check but this one is needed."""
_SURE = 10**11
_SURE_DIGITS, _PLAIN_LENGTH = 11, 19
_SURE_REF = 10**40
_SAFE_WHOLE = 2**53
"""Below it, whole numbers written with a point (12.0) have lost no digit on their way through a float."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST_TEXT = 100_000
_LONGEST_REF = 200
_ONE, _CENT = Decimal(1), Decimal("0.01")
_MICRO_DECIMALS = 6
_LATEST = 221_845_392_000
"""Seconds; the year 9000. A time in milliseconds lies beyond it."""
_BOOLS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def text(value: Any, place: str, at: At) -> str | None:
    """Text without blanks around it; a number is taken by its digits; control characters are dropped."""
    if value.__class__ is not str:
        value = _digits(value, place, at)
    if not value.isprintable():
        value = clean(value)
    value = value.strip()
    if len(value) > _LONGEST_TEXT:
        raise BadRecord(place.format(*at), value, f"expected at most {_LONGEST_TEXT} characters")
    return value or None


def _digits(value: Any, place: str, at: At) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value) if abs(value.adjusted()) < 64 else str(value)
    if isinstance(value, float):
        return repr(value)
    raise BadRecord(place.format(*at), value, f"expected text, found {_kind_of(value)}")


def clean(value: str) -> str:
    """Half characters (lone surrogates) become U+FFFD; control characters go, line ends stay."""
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _UNPRINTABLE.sub("", whole.replace("\r\n", "\n").replace("\r", "\n"))


def ref(value: Any, place: str, at: At) -> str | None:
    """An id as text: digits of an integer, or a text without blanks; never a fraction, never cut."""
    if value.__class__ is int and -_SURE_REF < value < _SURE_REF:
        return str(value)
    if value.__class__ is str and value.isalnum() and len(value) <= _LONGEST_REF:
        return value
    found = (value if value.__class__ is str else _whole(value, place, at)).strip()
    if len(found) > _LONGEST_REF or not found.isprintable() or any(c.isspace() for c in found):
        raise BadRecord(place.format(*at), value, f"expected an id: at most {_LONGEST_REF} characters, no blanks")
    return found or None


def _whole(value: Any, place: str, at: At) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal) and "E" not in str(value) and abs(value) < _SAFE_WHOLE and value == int(value):
        return str(int(value))
    found = "a fraction or a rounded number" if isinstance(value, Decimal) else _kind_of(value)
    raise BadRecord(place.format(*at), value, f"expected an id (text or a whole number), found {found}")


def some_id(value: Any, place: str, at: At) -> str | None:
    """An id of a platform that writes 0 where it has none."""
    found = ref(value, place, at)
    return None if found == "0" else found


@lru_cache(maxsize=8192)
def _plain_number(value: str) -> Decimal | None:
    """A number as most are written, which needs no other check; prices come again and again."""
    return unsigned(Decimal(value)) if _PLAIN(value) else None


def number(value: Any, place: str, at: At) -> Decimal | None:
    """An exact number; blank text is None."""
    if value.__class__ is str and len(value) <= _PLAIN_LENGTH and (found := _plain_number(value)) is not None:
        return found
    if value.__class__ is int and -_SURE < value < _SURE:
        return Decimal(value)
    if value.__class__ is str and not value.strip():
        return None
    if value.__class__ is str and not value.isascii():
        raise BadRecord(place.format(*at), value, "expected a number such as 19.90")
    return exact(value, place if not at else place.format(*at))


def quantity(value: Any, place: str, at: At) -> Decimal | None:
    """A quantity of 0 or more; `2.0` reads as 2."""
    if value.__class__ is int and 0 <= value < _SURE:
        return Decimal(value)
    found = number(value, place, at)
    if found is None:
        return None
    if found < 0:
        raise BadRecord(place.format(*at), value, "expected a quantity of 0 or more")
    return trimmed(found, 0)


def money(value: Any, place: str, at: At) -> Decimal | None:
    """An amount, digits kept as written, at most 6 decimals that are not 0."""
    if value.__class__ is str and len(value) <= _PLAIN_LENGTH and (short := _plain_number(value)) is not None:
        return short
    found = number(value, place, at)
    if found is None:
        return None
    if decimal_places(found) > _MICRO_DECIMALS:
        found = trimmed(found, 2)
        if decimal_places(found) > _MICRO_DECIMALS:
            raise BadRecord(place.format(*at), value, f"expected at most {_MICRO_DECIMALS} decimals")
    return found


def floated(value: Any, place: str, at: At) -> Decimal | None:
    """An amount that the shop's program counts in floats: 21.989999999999998 is read to 6 decimals, 21.99."""
    if value.__class__ is Decimal and value.is_finite() and abs(value) < _SURE:
        return round(value, _MICRO_DECIMALS).normalize() if decimal_places(value) > _MICRO_DECIMALS else value
    return money(value, place, at)


def cents(value: Any, place: str, at: At) -> Decimal | None:
    """An amount in whole hundredths of its currency (cents, fen), with two decimals: 2990 -> 29.90."""
    found = number(value, place, at)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise BadRecord(place.format(*at), value, "expected whole hundredths of the currency")
    return found.to_integral_value().scaleb(-2)


def decimals_of(settings: Mapping[str, str], name: str) -> int:
    """How many decimals whole numbers of money hold: the setting `name`, 2 where it is empty. Raises Misconfigured."""
    text = settings.get(name, "").strip() or "2"
    return int(text) if text in set("01234") else unfit(f"{name} = {text!r}: expected a number from 0 to 4", 2)


def minor_units(settings: Mapping[str, str], name: str) -> Callable[[Any, str, At], Decimal | None]:
    """What reads amounts in whole numbers of a currency's smallest unit, by `decimals_of`: 1250 is 12.50."""
    unit = _ONE.scaleb(-decimals_of(settings, name))

    def read(value: Any, place: str, at: At) -> Decimal | None:
        found = number(value, place, at)
        return None if found is None else product(found, unit)

    return read


def computed(value: Decimal | None, place: str, at: At) -> Decimal | None:
    """An amount that was computed: below 10**12 like one that was read, and rounded to 6 decimals where it has more."""
    value = value if value is None or value else unsigned(value)
    if value is None or (value.adjusted() < _SURE_DIGITS and (value.same_quantum(_CENT) or value.same_quantum(_ONE))):
        return value
    if -_SURE < value < _SURE and decimal_places(value) <= _MICRO_DECIMALS:
        return value
    if not value.is_finite() or abs(value) >= LIMIT:
        raise BadRecord(place.format(*at), value, "these amounts give a number that is not below 1000000000000")
    return round(value, _MICRO_DECIMALS)


def decimal_places(value: Decimal) -> int:
    """How many decimals a number is written with; negative for 1E+1, 0 for what is no finite number."""
    if value.same_quantum(_CENT):
        return 2
    if value.same_quantum(_ONE):
        return 0
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def trimmed(value: Decimal, decimals: int) -> Decimal:
    """Without zeros at the end beyond `decimals`, never an exponent: 2.000 -> 2, 1E+1 -> 10."""
    short = value.normalize()
    if decimal_places(short) > decimals:
        return short
    return short.quantize(Decimal(1).scaleb(-max(decimals, decimal_places(short))))


def product(first: Decimal, *others: Decimal) -> Decimal:
    """Their product, without zeros that only a quantity with decimals brought in: 10.00 x 1.5 -> 15.00."""
    value = prod(others, start=first)
    if len(others) == 1 and others[0].same_quantum(_ONE):
        return value
    decimals = max(decimal_places(factor) for factor in (first, *others))
    return trimmed(value, decimals) if decimal_places(value) > decimals and abs(value) < LIMIT else value


def time(value: Any, place: str, at: At, zone: tzinfo = UTC) -> datetime | None:
    """A time; one without an offset is in `zone`. Blank text and MySQL's 0000-00-00 are None."""
    if value.__class__ is str and (not value.strip() or value.lstrip().startswith("0000-00-00")):
        return None
    try:
        return parse_time(value, place, zone)
    except BadRecord as bad:
        numbers = told("expected a time as text, found a number: read seconds since 1970 with as: epoch")
        why = numbers if value.__class__ in (int, float, Decimal) else bad.why
        raise BadRecord(place.format(*at), value, why) from None


def epoch(value: Any, place: str, at: At) -> datetime | None:
    """Seconds since 1970; 0 means never."""
    try:
        found = number(value, place, at)
    except BadRecord:
        why = told(f"expected seconds since 1970, found {_kind_of(value)}: read a time as text with as: time")
        raise BadRecord(place.format(*at), value, why) from None
    if not found:
        return None
    if found != found.to_integral_value() or not 0 < found < _LATEST:
        raise BadRecord(place.format(*at), value, "expected seconds since 1970")
    return datetime.fromtimestamp(int(found), UTC)


def flag(value: Any, place: str, at: At) -> bool | None:
    """True or false; also 1/0 and yes/no as text or number."""
    if value.__class__ is bool:
        return bool(value)
    word = str(value).strip().lower() if isinstance(value, (str, int)) else "?"
    if not word:
        return None
    if word not in _BOOLS:
        raise BadRecord(place.format(*at), value, "expected true or false")
    return _BOOLS[word]


def upper(value: Any, place: str, at: At) -> str | None:
    """Text in capitals (country codes)."""
    found = text(value, place, at)
    return None if found is None else found.upper()


def currency(value: Any, place: str, at: At) -> str | None:
    """A currency as its three capital letters."""
    found = upper(value, place, at)
    if found is not None and not (len(found) == 3 and found.isascii() and found.isalpha()):
        raise BadRecord(place.format(*at), value, "expected a currency of three letters such as EUR")
    return found


def country(value: Any, place: str, at: At) -> str | None:
    """A country in capital letters, two of them where it was written in three."""
    found = text(value, place, at)
    return None if found is None else alpha2(found)


def label(value: Any, place: str, at: At) -> str | None:
    """Text in which HTML entities are written out: `Tea &amp; Milk` -> `Tea & Milk`."""
    found = text(value, place, at)
    return text(html.unescape(found), place, at) if found is not None and "&" in found else found


def lookup(value: Any, place: str, at: At, table: Table, column: str, settings: Mapping[str, str]) -> Any:
    """The cell of `table` for this value (in any case); a setting `table.value` may name a known value."""
    key = text(value, place, at)
    if key is None:
        return None
    row = table.rows.get(key.lower())
    if row is None:
        row = _named_row(key, place.format(*at), table, settings)
    return row[column]


def _named_row(key: str, field: str, table: Table, settings: Mapping[str, str]) -> Mapping[str, object]:
    """The row that the setting `table.value` names, the value as written or in lower case."""
    setting = f"{table.name}.{key}"
    wanted = settings.get(setting, settings.get(setting.lower(), "")).strip()
    row = table.rows.get(wanted.lower())
    if row is not None:
        return row
    if wanted:
        raise BadRecord(field, key, f"the setting {setting} says {wanted!r}, which {table.file} does not have either")
    why = f"unknown {table.name}: add a row to {table.file}, or the setting {setting}=<a value it has>"
    raise BadRecord(field, key, why)


def obj(value: Any, place: str, at: At) -> Mapping[str, Any] | None:
    """An object; null, blank text and an empty list (PHP's empty object) are None."""
    if isinstance(value, Mapping):
        return value
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    raise BadRecord(place.format(*at), value, f"expected an object, found {_kind_of(value)}")


def element(value: Any, place: str, at: At) -> Mapping[str, Any]:
    """One item of a list, which must be an object."""
    found = obj(value, place, at)
    if found is None:
        raise BadRecord(place.format(*at), value, "expected an object")
    return found


def items(value: Any, place: str, at: At) -> Iterable[Any]:
    """A list; null is none; an object whose keys are numbers (PHP's list with gaps) is its values."""
    if isinstance(value, (list, tuple)):
        return value
    if value is None or value == "":
        return ()
    if isinstance(value, dict) and all(isinstance(key, str) and key.isdigit() for key in value):
        return list(value.values())
    raise BadRecord(place.format(*at), value, f"expected a list, found {_kind_of(value)}")


def unwrapped(payload: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    """The payload with the lists of these names out of an object that holds nothing else: {"orders": {"order": []}}."""
    return {**payload, **{name: _inner_list(payload[name]) for name in names if name in payload}}


def _inner_list(value: Any) -> Any:
    inner = list(value.values()) if isinstance(value, Mapping) else []
    return inner[0] if len(inner) == 1 and isinstance(inner[0], list) else value


def same(value: Any, wanted: str) -> bool:
    """Whether a raw value reads as `wanted` (true, false and null by their JSON names; case does not matter)."""
    if value is None:
        return wanted == "null"
    if value.__class__ is bool:
        return wanted == ("true" if value else "false")
    if isinstance(value, (list, dict)):
        return False
    said = value if value.__class__ is str else str(value)
    return said == wanted or (len(said) == len(wanted) and said.lower() == wanted.lower())


def present(value: Any) -> bool:
    """Whether there is anything: not null, blank, false, 0 or empty."""
    return bool(value.strip() if isinstance(value, str) else value)


def need(value: Any, place: str, at: At) -> Any:
    """`value` where it is known. Raises BadRecord where it is None."""
    if value is None:
        raise BadRecord(place.format(*at), None, "is required")
    return value


def of_type(value: Any, place: str, at: At, wanted: type, words: str) -> Any:
    """What a function gave, or a value that was taken as it came: None, or of the type that the field holds."""
    if value is None or isinstance(value, wanted):
        return value
    raise BadRecord(place.format(*at), value, f"expected {words}, found {_kind_of(value)}")


def zone_of(settings: Mapping[str, str], name: str) -> tzinfo:
    """The time zone that the setting `name` gives (IANA name), UTC where it is not set; a name with / is the zone."""
    if "/" in name:
        return _zone(name, "zone")
    return _zone(settings.get(name) or "UTC", name)


@lru_cache(maxsize=256)
def _zone(key: str, name: str) -> tzinfo:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        why = "expected an IANA time zone such as Europe/Berlin, or Etc/GMT-2 for a site at UTC+2"
        raise Misconfigured(f"setting {name} = {key!r}: {why}") from None


def _kind_of(value: Any) -> str:
    kinds = ((bool, "true or false"), (str, "text"), ((int, float, Decimal), "a number"), (Mapping, "an object"))
    return next((word for kind, word in kinds if isinstance(value, kind)), "null" if value is None else "a list")
