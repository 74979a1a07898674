"""Where an address is, roughly, without a network: US ZIP codes, China's districts, the world's cities."""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Literal

from hub.canonical.geo import Point

Precision = Literal["postal", "district", "city", "region", "country"]
LONGEST = 100
"""Characters of a name that are looked at."""

_ZIP_COUNTRIES = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})
_SPECIAL = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_PEOPLES = (
    "维吾尔|壮|回|朝鲜|土家|苗|侗|布依|藏|羌|彝|傣|白|哈尼|傈僳|景颇|蒙古|哈萨克|柯尔克孜|满|瑶|黎|仫佬|毛南|畲|水|仡佬|"
    "纳西|拉祜|佤|普米|怒|独龙|布朗|土|撒拉|保安|东乡|裕固|锡伯|塔吉克|达斡尔|鄂温克|鄂伦春|各"
)
_CJK_SUFFIX = re.compile(rf"(?:(?:(?:{_PEOPLES})族?)*自治[区州县旗]|特别行政区|地区|新区|林区|[省市区县盟旗])$")
_CJK_PART = re.compile(r".+?(?:自治[区州县旗]|特别行政区|地区|新区|[省市区县盟旗])(?!区)|.+$")
_LATIN_SUFFIX = frozenset({"sheng", "shi", "qu", "xian", "province", "city", "district", "county"})
_MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000", "810000", "820000"})


@dataclass(frozen=True, slots=True)
class Located:
    """A point and how sure it is: of its postal code, district, city, of its region's or country's largest city."""

    point: Point
    precision: Precision


@lru_cache(maxsize=65_536)
def locate(
    country: str | None,
    postal_code: str | None = None,
    city: str | None = None,
    region: str | None = None,
    district: str | None = None,
) -> Located | None:
    """The best known point of an address; any text is fine, nothing raises.

    Args:    country: ISO code of two or three letters, or the English name. Others: as the address has them,
                      in English, Chinese or pinyin; larger cities also in their own language.
    Returns: the most precise point found, within about a kilometer of its place's center; None where nothing is known.
    """
    atlas = _atlas()
    code = atlas.country(country)
    if code in _ZIP_COUNTRIES and (found := atlas.by_zip(postal_code or "")):
        return found
    if code == "CN" and (found := atlas.in_china((region, city, district))):
        return found
    if code is None:
        return None if country else atlas.anywhere(city)
    return atlas.by_city(code, city, region) or atlas.by_region(code, region) or atlas.by_country(code)


def fold(text: str | None) -> str:
    """A name without case, accents, spaces and signs: "São Paulo" -> "saopaulo"."""
    plain = unicodedata.normalize("NFKD", (text or "")[:LONGEST]).casefold().translate(_SPECIAL)
    return "".join(c for c in plain if c.isalnum())


def china_key(text: str | None) -> str:
    """A Chinese place name without its kind, in either script: "深圳市" -> "深圳", "Nanshan Qu" -> "nanshan"."""
    plain = unicodedata.normalize("NFKC", (text or "")[:LONGEST]).strip()
    if not plain.isascii():
        short = _CJK_SUFFIX.sub("", plain)
        return fold(short if len(short) > 1 else plain)
    words = plain.lower().replace("-", " ").split()
    return fold("".join(words[:-1] if len(words) > 1 and words[-1] in _LATIN_SUFFIX else words))


@lru_cache(maxsize=1)
def _atlas() -> Atlas:
    packed = files("hub.store").joinpath("geodata").joinpath("atlas.bin.gz").read_bytes()
    return Atlas(gzip.decompress(packed))


class Atlas:
    """The packaged tables; the tool `tools/build_geodata.py` writes them and describes their layout."""

    def __init__(self, body: bytes) -> None:
        head, _, self._body = body.partition(b"\n")
        self._head: dict[str, Any] = json.loads(head)
        self._names: dict[str, dict[str, int]] = {}
        self._regions: dict[str, dict[str, tuple[str, int]]] = {}

    def country(self, text: str | None) -> str | None:
        """The two-letter code of a country written as code or name; None where it is not known."""
        code = (text or "").strip().upper()
        found: str | None = code if code in self._head["cities"] else self._head["countries"].get(fold(text))
        return found

    def by_zip(self, text: str) -> Located | None:
        digits = text.strip().split("-")[0].strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) in (3, 4, 5, 9)):
            return None
        number = int(digits[:5])
        at = bisect_left(self._zips, number)
        if at == len(self._zips) or self._zips[at] != number:
            return None
        return Located(self._point("zip", at), "postal")

    def in_china(self, names: tuple[str | None, ...]) -> Located | None:
        """Narrow down from province to district; a name that is found nowhere inside the last one is passed over."""
        inside, row = "", None
        for part in _china_parts(names):
            row_found = self._narrower(part, inside)
            if row_found is not None:
                row = row_found
                inside = _significant(self._adcodes[row])
        return None if row is None else Located(self._point("china", row), _precision(self._adcodes[row]))

    def _narrower(self, part: str, inside: str) -> int | None:
        rows = [row for row in self._china_names.get(china_key(part), ()) if self._adcodes[row].startswith(inside)]
        deeper = [row for row in rows if _significant(self._adcodes[row]) != inside] or rows
        if not deeper:
            return None
        best = min(len(_significant(self._adcodes[row])) for row in deeper)
        top = [row for row in deeper if len(_significant(self._adcodes[row])) == best]
        return top[0] if len(top) == 1 else None

    def by_city(self, code: str, city: str | None, region: str | None) -> Located | None:
        names = self._names_of(code)
        area, name = self._regions_of(code).get(fold(region)), fold(city)
        for key in (name, china_key(city)) if name else ():
            row = names.get(f"{area[0]}:{key}") if area else names.get(key)
            if row is not None:
                return Located(self._point("city", row), "city")
        return None

    def by_region(self, code: str, region: str | None) -> Located | None:
        area = self._regions_of(code).get(fold(region))
        return None if area is None else Located(self._point("city", area[1]), "region")

    def by_country(self, code: str) -> Located | None:
        return Located(self._point("city", self._head["cities"][code][2]), "country")

    def anywhere(self, city: str | None) -> Located | None:
        """The largest city of that name in the world."""
        name = fold(city)
        rows = [row for code in self._head["cities"] if (row := self._names_of(code).get(name)) is not None]
        best = max(rows, key=lambda row: (self._sizes[row], -row), default=None)
        return None if best is None else Located(self._point("city", best), "city")

    def _names_of(self, code: str) -> dict[str, int]:
        """Folded name, and "region:name" where the country has regions -> city row."""
        found = self._names.get(code)
        if found is None:
            first, count, _ = self._head["cities"][code]
            found = self._names[code] = dict(_keys(self._lines[first : first + count], first))
        return found

    def _regions_of(self, code: str) -> dict[str, tuple[str, int]]:
        """Folded region code or name -> (code, row of its largest city); empty where the table has no regions."""
        found = self._regions.get(code)
        if found is None:
            rows = self._head["regions"].get(code, ())
            found = self._regions[code] = {name: (names[0], row) for row, names in rows for name in names}
        return found

    def _section(self, name: str) -> bytes:
        start, length = self._head["sections"][name]
        return self._body[start : start + length]

    def _numbers(self, name: str, kind: str) -> array[int]:
        planes = self._section(name)
        body = bytearray(len(planes))
        body[0::2], body[1::2] = planes[: len(planes) // 2], planes[len(planes) // 2 :]
        numbers: array[int] = array(kind, body)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _point(self, table: str, row: int) -> Point:
        lats, lons = self._points[table]
        return Point(lats[row] / 100, lons[row] / 100)

    @cached_property
    def _points(self) -> Mapping[str, tuple[array[int], array[int]]]:
        tables = ("zip", "city", "china")
        return {name: (self._numbers(f"{name}_lat", "h"), self._numbers(f"{name}_lon", "h")) for name in tables}

    @cached_property
    def _zips(self) -> list[int]:
        return list(accumulate(self._numbers("zip_step", "H")))

    @cached_property
    def _sizes(self) -> bytes:
        return self._section("city_size")

    @cached_property
    def _lines(self) -> list[str]:
        return self._section("city_names").decode().split("\n")

    @cached_property
    def _china(self) -> list[list[str]]:
        return [line.split(" ") for line in self._section("china_names").decode().split("\n")]

    @cached_property
    def _adcodes(self) -> list[str]:
        return [row[0] for row in self._china]

    @cached_property
    def _china_names(self) -> Mapping[str, list[int]]:
        names: dict[str, list[int]] = {}
        for at, row in enumerate(self._china):
            for name in row[1:]:
                names.setdefault(name, []).append(at)
        return names


def _keys(lines: list[str], first: int) -> Iterator[tuple[str, int]]:
    """One line is "[region:]name;other name": a name that belongs to a larger city of the country starts with "-"."""
    for row, line in enumerate(lines, first):
        region, colon, names = line.rpartition(":")
        for name in names.split(";"):
            plain = name.removeprefix("-")
            if colon:
                yield f"{region}:{plain}", row
            if plain == name:
                yield name, row


def _china_parts(names: tuple[str | None, ...]) -> Iterator[str]:
    """Each field, and a Chinese field that holds several levels part by part."""
    for name in names:
        plain = unicodedata.normalize("NFKC", (name or "")[:LONGEST]).strip()
        if plain.isascii():
            yield plain
        else:
            yield from _CJK_PART.findall("".join(plain.split()))


def _significant(adcode: str) -> str:
    """The part that its districts share: "440000" -> "44", "440300" -> "4403"."""
    return adcode.removesuffix("00").removesuffix("00") if adcode.endswith("00") else adcode


def _precision(adcode: str) -> Precision:
    if adcode in _MUNICIPALITIES:
        return "city"
    return "region" if adcode.endswith("0000") else "city" if adcode.endswith("00") else "district"
