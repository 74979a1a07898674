"""Carrier tables as data: which zone an address is in, and what a file of zones or rates says."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any, Literal

from hub.canonical.amounts import to_micros
from hub.canonical.errors import BadInput

ANY = "*"
"""A zone's country: every country that has no row of its own."""

ZONE_COLUMNS = ("warehouse", "country", "postal_prefix", "zone")
RATE_COLUMNS = ("carrier", "service", "warehouse", "zone", "up_to_g", "price", "per_unit", "days")
LARGEST_G = 10**9
LARGEST_PRICE = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Zone:
    """Addresses of `country` whose postal code begins with `prefix` are in `zone`, seen from `warehouse` ("": all)."""

    warehouse: str
    country: str
    prefix: str
    zone: str


class ZoneMap:
    """Finds zones; build it once for many addresses."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        self._zones: dict[tuple[str, str], list[Zone]] = {}
        for row in sorted(zones, key=lambda row: -len(row.prefix)):
            self._zones.setdefault((row.warehouse, row.country), []).append(row)

    def zone(self, warehouse: str, country: str | None, postal_code: str | None) -> str | None:
        """The zone of an address, seen from a warehouse.

        Returns: a warehouse's own rows before those for all, a country's own before "*", the longest prefix first;
                 None where no row fits.
        """
        code = plain_postal(postal_code)
        for place in (warehouse, ""):
            for land in (country or ANY, ANY):
                for row in self._zones.get((place, land), ()):
                    if code.startswith(row.prefix):
                        return row.zone
        return None


def zoneless(rates: Iterable[tuple[str, str]], zones: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Which rates no address can ever get.

    Args:    rates, zones: (warehouse, zone) of each row; warehouse "": all of them.
    Returns: those of the rates whose zone has no row that their warehouse sees.
    """
    known = set(zones)
    names = {zone for _, zone in known}
    return frozenset(
        (place, zone) for place, zone in rates
        if zone not in names or (place and known.isdisjoint({("", zone), (place, zone)}))
    )  # fmt: skip


def plain_postal(text: str | None) -> str:
    """A postal code as prefixes are compared: capital letters and digits only."""
    return re.sub(r"[^0-9A-Z]", "", (text or "").upper())


@dataclass(frozen=True, slots=True)
class RateFile:
    """What a file holds. rows: column -> value, as the tables want them. problems: (line, what is wrong).

    lines: where each of the rows stands.
    """

    kind: Literal["zones", "rates"]
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[tuple[int, str], ...]
    lines: tuple[int, ...]


def read_rate_file(text: str) -> RateFile:
    """Read a CSV of zones or of rates; which one it is, its header says.

    Args:    text: separated by comma, semicolon or tab. Zones: warehouse (may be empty), country (two letters, or *),
                   postal_prefix (may be empty), zone. Rates: carrier, service (may be empty), warehouse (may be empty),
                   zone, up_to_g (or up_to_kg), price, per_unit (may be empty), days (needed where the column is there;
                   a file without it tells no times: 0 days).
    Returns: all good rows and all problems; a row that names one thing a second time is a problem.
    Raises:  BadInput: no header of either kind.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    head = lines[0] if lines else ""
    cut = max(",;\t", key=head.count)
    reader = csv.DictReader(StringIO("\n".join(lines)), delimiter=cut, skipinitialspace=True)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    kind = _kind(names)
    reader.fieldnames = names
    rows: dict[tuple[str, ...], tuple[int, Mapping[str, Any]]] = {}
    problems: list[tuple[int, str]] = []
    for raw in reader:
        try:
            row = (_zone_row if kind == "zones" else _rate_row)(_texts(raw))
            key = tuple(str(row[name]) for name in KEYS[kind])
            if key in rows:
                raise BadInput(f"{', '.join(f'{n} {v!r}' for n, v in zip(KEYS[kind], key, strict=True))} stands twice")
            rows[key] = (reader.line_num, row)
        except BadInput as error:
            problems.append((reader.line_num, str(error)))
    lines_of, good = tuple(line for line, _ in rows.values()), tuple(row for _, row in rows.values())
    return RateFile(kind, good, tuple(problems), lines_of)


KEYS: Mapping[str, tuple[str, ...]] = {
    "zones": ("warehouse", "country", "postal_prefix"),
    "rates": ("carrier", "service", "warehouse", "zone", "up_to_g"),
}
"""The columns that name a row; the tables have a unique index on them."""


def _kind(names: Sequence[str]) -> Literal["zones", "rates"]:
    given = set(names)
    if {"country", "zone"} <= given <= set(ZONE_COLUMNS):
        return "zones"
    weight = {"up_to_g"} if "up_to_g" in given else {"up_to_kg"}
    if {"carrier", "zone", "price"} | weight <= given <= set(RATE_COLUMNS) | weight:
        return "rates"
    raise BadInput(
        f"the first line names the columns {', '.join(names) or '(none)'}: a file of zones has "
        f"{', '.join(ZONE_COLUMNS)}, a file of rates has {', '.join(RATE_COLUMNS)} (or up_to_kg)"
    )


def _texts(raw: Mapping[str | None, Any]) -> dict[str, str]:
    if None in raw or any(value is None for value in raw.values()):
        raise BadInput("it has not as many cells as the first line")
    return {str(name): str(value).strip() for name, value in raw.items()}


def _zone_row(raw: Mapping[str, str]) -> Mapping[str, Any]:
    country = _needed(raw, "country").upper()
    if country != ANY and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise BadInput(f"country = {country!r}: use two letters such as DE, or * for all others")
    return {
        "warehouse": raw.get("warehouse", ""), "country": country,
        "postal_prefix": plain_postal(raw.get("postal_prefix")), "zone": _needed(raw, "zone"),
    }  # fmt: skip


def _rate_row(raw: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "carrier": _needed(raw, "carrier"), "service": raw.get("service", ""), "warehouse": raw.get("warehouse", ""),
        "zone": _needed(raw, "zone"), "up_to_g": _grams(raw), "price": _price(raw, "price"),
        "per_unit": _price(raw, "per_unit"), "days": _days(raw.get("days", "0")),
    }  # fmt: skip


def _days(text: str) -> int:
    if not text:
        raise BadInput("days is empty: write how many days the parcel travels, 0 where it arrives on the same day")
    return _whole(text, "days", 0, 365)


def _needed(raw: Mapping[str, str], name: str) -> str:
    text = raw.get(name, "")
    if not text:
        raise BadInput(f"{name} is empty")
    return text


def _grams(raw: Mapping[str, str]) -> int:
    if "up_to_g" in raw:
        return _whole(raw["up_to_g"], "up_to_g", 1, LARGEST_G)
    grams = _decimal(raw["up_to_kg"], "up_to_kg") * 1000
    if grams != grams.to_integral_value() or not 1 <= grams <= LARGEST_G:
        raise BadInput(f"up_to_kg = {raw['up_to_kg']!r}: use kilograms from 0.001 on, whole grams")
    return int(grams)


def _price(raw: Mapping[str, str], name: str) -> int:
    text = raw.get(name, "") or ("" if name == "price" else "0")
    amount = _decimal(text, name)
    if not 0 <= amount <= LARGEST_PRICE or amount * 10**6 % 1:
        raise BadInput(f"{name} = {text!r}: use an amount such as 4.90, not negative")
    return to_micros(amount)


def _decimal(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadInput(f"{name} = {text!r}: use a number such as 4.90, with a point and no blanks")
    return number


def _whole(text: str, name: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise BadInput(f"{name} = {text!r}: use a whole number from {least} to {most}")
    return int(text)
