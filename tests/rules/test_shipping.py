"""Zones by the longest postal prefix, and files of zones and rates with a reason for every line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.canonical.errors import BadInput
from hub.rules.shipping import RATE_COLUMNS, ZONE_COLUMNS, Zone, ZoneMap, plain_postal, read_rate_file, zoneless

ZONES = ZoneMap(
    [
        Zone("", "DE", "", "national"),
        Zone("", "DE", "8", "south"),
        Zone("", "DE", "80", "munich"),
        Zone("W1", "DE", "1", "local"),
        Zone("", "*", "", "world"),
        Zone("W2", "*", "", "export"),
    ]
)


@pytest.mark.parametrize(
    ("_case", "warehouse", "country", "postal", "zone"),
    [
        ("the longest prefix", "W1", "DE", "80331", "munich"),
        ("a shorter one", "W1", "DE", "81000", "south"),
        ("none but the country", "W1", "DE", "50000", "national"),
        ("the warehouse's own row first", "W1", "DE", "10115", "local"),
        ("another warehouse does not see it", "W3", "DE", "10115", "national"),
        ("a country without rows", "W1", "FR", "75001", "world"),
        ("a warehouse's own rest of the world before the country of all", "W2", "DE", "80331", "export"),
        ("an unknown country", "W1", None, None, "world"),
        ("blanks and small letters", "W1", "DE", " 80-331 ", "munich"),
    ],
)
def test_an_address_is_in_one_zone(
    _case: str, warehouse: str, country: str | None, postal: str | None, zone: str
) -> None:
    assert ZONES.zone(warehouse, country, postal) == zone


def test_without_a_row_there_is_no_zone() -> None:
    assert ZoneMap([Zone("W1", "DE", "1", "a")]).zone("W1", "DE", "20000") is None


def test_postal_codes_are_compared_by_letters_and_digits() -> None:
    assert (plain_postal("sw1a 1aa"), plain_postal(None)) == ("SW1A1AA", "")


def test_a_file_of_zones_is_known_by_its_header() -> None:
    file = read_rate_file("\ufeffcountry;postal_prefix;zone\r\nde;80;munich\r\n*;;world\r\n")
    assert (file.kind, file.problems) == ("zones", ())
    assert file.rows == (
        {"warehouse": "", "country": "DE", "postal_prefix": "80", "zone": "munich"},
        {"warehouse": "", "country": "*", "postal_prefix": "", "zone": "world"},
    )


def test_a_file_of_rates_is_exact_to_the_millionth() -> None:
    file = read_rate_file(
        "carrier,zone,up_to_kg,price,per_unit,days\nDHL,munich,0.5,4.90,,1\nDHL,world,31.5,40,0.05,7\n"
    )
    assert (file.kind, file.problems) == ("rates", ())
    blank = {"service": "", "warehouse": ""}
    assert file.rows == (
        blank | {"carrier": "DHL", "zone": "munich", "up_to_g": 500, "price": 4_900_000, "per_unit": 0, "days": 1},
        blank
        | {"carrier": "DHL", "zone": "world", "up_to_g": 31_500, "price": 40_000_000, "per_unit": 50_000, "days": 7},
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",z,500,1,,", "carrier is empty"),
        (
            "DHL,z,500,1,,",
            "days is empty: write how many days the parcel travels, 0 where it arrives on the same day",
        ),
        ("DHL,,500,1,,", "zone is empty"),
        ("DHL,z,0,1,,", "up_to_g = '0': use a whole number from 1 to 1000000000"),
        ("DHL,z,1.5,1,,", "up_to_g = '1.5': use a whole number from 1 to 1000000000"),
        ("DHL,z,500,,,", "price = '': use a number such as 4.90, with a point and no blanks"),
        ("DHL,z,500,-1,,", "price = '-1': use an amount such as 4.90, not negative"),
        ("DHL,z,500,1.0000001,,", "price = '1.0000001': use an amount such as 4.90, not negative"),
        ("DHL,z,500,NaN,,", "price = 'NaN': use a number such as 4.90, with a point and no blanks"),
        ("DHL,z,500,1,x,", "per_unit = 'x': use a number such as 4.90, with a point and no blanks"),
        ("DHL,z,500,1,,400", "days = '400': use a whole number from 0 to 365"),
        ("DHL,z,500", "it has not as many cells as the first line"),
        ("DHL,z,500,1,,1,more", "it has not as many cells as the first line"),
        ("DHL,a,500,2,,1",
         "carrier 'DHL', service '', warehouse '', zone 'a', up_to_g '500' stands twice"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_with_its_number(row: str, why: str) -> None:
    file = read_rate_file(f"carrier,zone,up_to_g,price,per_unit,days\nDHL,a,500,1,,1\n{row}\nDHL,b,500,1,,0\n")
    assert file.problems == ((3, why),)
    assert [row["zone"] for row in file.rows] == ["a", "b"]


def test_a_country_is_two_letters_or_a_star() -> None:
    file = read_rate_file("country,zone\nGermany,z\n")
    assert file.problems == ((2, "country = 'GERMANY': use two letters such as DE, or * for all others"),)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "country,zone,color\nDE,z,red\n", "carrier,zone,price\nDHL,z,1\n"])
def test_a_file_of_neither_kind_is_refused_with_the_columns_of_both(text: str) -> None:
    with pytest.raises(BadInput, match="a file of zones has warehouse, country, postal_prefix, zone, a file of rates"):
        read_rate_file(text)


def test_a_rate_reaches_addresses_only_where_its_warehouse_sees_its_zone() -> None:
    zones = [("", "z"), ("W1", "near")]
    rates = [("", "z"), ("W2", "z"), ("W1", "near"), ("W2", "near"), ("", "near"), ("", "Z")]
    assert zoneless(rates, zones) == {("W2", "near"), ("", "Z")}


def test_the_guide_shows_the_columns_that_files_have() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "routing-setup.md").read_text(encoding="utf-8")
    assert ",".join(RATE_COLUMNS) in guide and ",".join(ZONE_COLUMNS) in guide
