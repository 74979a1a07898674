"""Addresses as people write them are found about where they are, and no text breaks the search."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.canonical.geo import Point
from hub.rules.distance import haversine_km
from hub.store.geodata import Located, china_key, fold, locate

WHOLE = {
    "boston zip": (("US", "02139"), (42.36, -71.10), "postal"),
    "zip that lost its zero": (("US", "2139"), (42.36, -71.10), "postal"),
    "zip plus four": (("US", "94107-1234", "Somewhere"), (37.77, -122.40), "postal"),
    "zip in puerto rico": (("PR", "00901"), (18.47, -66.11), "postal"),
    "unknown zip, city and state": (("US", "00000", "Springfield", "IL"), (39.80, -89.64), "city"),
    "same city, other state by name": (("US", None, "springfield", "Missouri"), (37.22, -93.30), "city"),
    "state only": (("US", None, None, "TX"), (29.76, -95.36), "region"),
    "canadian namesake": (("CA", None, "London", "ON"), (42.98, -81.25), "city"),
    "australian region": (("AU", None, "Nowhere At All", "QLD"), (-27.47, 153.03), "region"),
    "district in chinese": (("CN", "518000", "深圳市", "广东省", "南山区"), (22.53, 113.93), "district"),
    "district in pinyin": (("CN", None, "Shenzhen", "Guangdong", "Nanshan"), (22.53, 113.93), "district"),
    "namesake district, nanjing": (("CN", None, "南京", "江苏", "鼓楼区"), (32.07, 118.77), "district"),
    "namesake district, fuzhou": (("CN", None, "福州市", None, "鼓楼区"), (26.08, 119.30), "district"),
    "all in one field": (("CN", None, "广东省深圳市福田区"), (22.53, 114.06), "district"),
    "municipality": (("CN", None, "上海市", "上海", "浦东新区"), (31.22, 121.54), "district"),
    "city named as its province": (("CN", None, "吉林市", "吉林省"), (43.84, 126.55), "city"),
    "county-level city": (("CN", None, "义乌市", "浙江省"), (29.31, 120.07), "district"),
    "autonomous region": (("CN", None, None, "内蒙古自治区"), (40.82, 111.75), "region"),
    "town below a city": (("CN", None, "东莞市", "广东省", "长安镇"), (23.02, 113.75), "city"),
    "kind in pinyin": (("CN", None, "Hangzhou Shi", "Zhejiang Sheng"), (30.25, 120.17), "city"),
    "own language": (("DE", "80331", "München"), (48.14, 11.58), "city"),
    "capitals without accents": (("BR", None, "SAO PAULO"), (-23.55, -46.63), "city"),
    "small town": (("DE", None, "Herford"), (52.11, 8.67), "city"),
    "city in chinese": (("FR", None, "巴黎"), (48.85, 2.35), "city"),
    "japanese city": (("JP", None, "大阪市"), (34.69, 135.50), "city"),
    "country by name": (("Germany", None, "Berlin"), (52.52, 13.41), "city"),
    "country in three letters": (("deu", None, "Berlin"), (52.52, 13.41), "city"),
    "country only": (("GB", None, "Xyzzy"), (51.51, -0.13), "country"),
    "no country": ((None, None, "London"), (51.51, -0.13), "city"),
}


@pytest.mark.parametrize("_case", WHOLE)
def test_an_address_is_found_where_it_is(_case: str) -> None:
    address, (lat, lon), precision = WHOLE[_case]
    found = locate(*address)
    assert found is not None
    assert found.precision == precision
    assert haversine_km(found.point, Point(lat, lon)) < 5


@pytest.mark.parametrize(
    "address", [(), (None, "12345"), ("", "", ""), ("XX", None, "Paris"), ("Atlantis",), (None, None, "Xyzzy"), ("AQ",)]
)
def test_where_nothing_is_known_nothing_is_guessed(address: tuple[str | None, ...]) -> None:
    assert locate(*(address or (None,))) is None


def test_a_district_name_that_several_cities_have_is_not_guessed() -> None:
    found = locate("CN", None, None, None, "鼓楼区")
    assert found is not None and found.precision == "country"


TEXT = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(["US", "CN", "DE", "²³", "٣٤٥٦٧", "\ud800", "-", "区", "省市", "9" * 200])
)


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT, TEXT)
def test_no_text_raises_and_every_point_is_on_the_globe(
    country: str | None, postal_code: str | None, city: str | None, region: str | None, district: str | None
) -> None:
    found = locate(country, postal_code, city, region, district)
    if found is not None:
        assert isinstance(found, Located)
        assert -90 <= found.point.lat <= 90 and -180 <= found.point.lon <= 180


KEYS = {
    "深圳市": "深圳",
    "延边朝鲜族自治州": "延边",
    "恩施土家族苗族自治州": "恩施",
    "新疆维吾尔自治区": "新疆",
    "忠县": "忠县",
    "浦东新区": "浦东",
    "Nanshan Qu": "nanshan",
    "Xi'an": "xian",
    "Shi": "shi",
}


@pytest.mark.parametrize(("text", "key"), KEYS.items())
def test_a_chinese_name_is_known_without_its_kind(text: str, key: str) -> None:
    assert china_key(text) == key


def test_names_are_folded_to_plain_letters() -> None:
    assert [fold(name) for name in ("São Paulo", "Malmö", "Łódź", "St. John's", "Straße", None)] == [
        "saopaulo", "malmo", "lodz", "stjohns", "strasse", "",
    ]  # fmt: skip


FIRST = """
import time, hub.store.geodata as geodata
start = time.process_time()
geodata.locate("DE", None, "Köln")
print(time.process_time() - start)
"""


def test_the_first_search_is_ready_in_a_fraction_of_a_second() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) < 0.5
