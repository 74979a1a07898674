"""The page of a channel whose stock the mass-zero breaker stopped: what waits, and the two ways on."""

from __future__ import annotations

import re
from html import unescape

import pytest

from hub.reports.channels import read_channel
from hub.usecases.connect import pause_connection, pause_stream
from hub.usecases.push_stock import push_stock
from tests.fixtures.pages import Web
from tests.fixtures.seed import stopped_shop
from tests.fixtures.shop_day import Day

TEN = [f"S{at:02}" for at in range(10)]


def notice(text: str) -> str:
    """The words of the breaker's notice."""
    found = re.search(r'<div class="notice bad" role="alert">.*?</div></div>', text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Its stock is stopped: 12 of 14 listings with stock would show 0", "12 listings wait with 0 now:",
                "and 2 more", "These zeros are meant", "Mended: go on"]),
        ("zh-CN", ["库存推送已停止： 14 个有库存的商品中有 12 个将显示 0", "现有 12 个商品等待显示 0：",
                   "等，另有 2 个", "确认清零", "已更正：继续"]),
    ],
)  # fmt: skip
def test_the_notice_says_in_words_what_waits_and_names_the_skus(
    rooms: Web, day: Day, language: str, texts: list[str]
) -> None:
    shop = stopped_shop(day.seed)
    browser = rooms.as_role("operator")
    browser.headers["accept-language"] = language
    for path in (f"/channels/{shop}", f"/channels/{shop}/live"):
        page = browser.get(path).text
        assert "zeroed=" not in page
        assert [text for text in texts if text not in notice(page)] == []
        assert re.findall(r"sku=(S\d\d)", page) == TEN
    assert "zeroed=" not in browser.get("/").text


def test_a_viewer_reads_the_notice_and_has_no_buttons(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    said = notice(rooms.as_role("viewer").get(f"/channels/{shop}").text)
    assert "12 of 14" in said and "These zeros are meant" not in said and "Mended" not in said


def _post(rooms: Web, shop: int, button: str) -> None:
    """Press a button of the notice, with the values that it has there."""
    browser = rooms.as_role("operator")
    page = browser.get(f"/channels/{shop}").text
    forms = re.findall(r'<form[^>]*action="([^"]+)">(.*?)</form>', page, re.DOTALL)
    (action, body), *_ = [one for one in forms if f">{button}</button>" in one[1]]
    data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', body))
    assert browser.post(action, data=data).status_code == 303


def test_zeros_that_are_meant_are_told_and_the_page_says_that_the_breaker_is_off(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    _post(rooms, shop, "These zeros are meant")
    assert push_stock(day.seed.ctx, shop) == 12
    assert {day.seed.channels[shop].stock[f"L-{sku}"] for sku in TEN} == {0}
    page = rooms.as_role("operator").get(f"/channels/{shop}").text
    assert notice(page) == "" and "The zero breaker is switched off for this channel" in page
    assert "its zero breaker is switched off" in rooms.as_role("operator").get("/").text
    _post(rooms, shop, "Watch again")
    assert "zero breaker is switched off" not in rooms.as_role("operator").get("/").text


def test_what_was_mended_goes_on_and_nothing_is_asked_any_more(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    for at in range(12):
        day.seed.adjust(f"S{at:02}", 4)
    said = notice(rooms.as_role("operator").get(f"/channels/{shop}").text)
    assert "No listing waits with 0 now: it can go on." in said and "These zeros are meant" not in said
    assert "still wait with 0" not in rooms.as_role("operator").get(f"/channels/{shop}").text
    _post(rooms, shop, "Mended: go on")
    assert push_stock(day.seed.ctx, shop) == 12
    assert {day.seed.channels[shop].stock[f"L-{sku}"] for sku in TEN} == {4}
    assert notice(rooms.as_role("operator").get(f"/channels/{shop}").text) == ""


def test_who_goes_on_without_mending_is_stopped_again_and_no_zero_is_told(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    assert "12 listings still wait with 0." in rooms.as_role("operator").get(f"/channels/{shop}").text  # it asks first
    _post(rooms, shop, "Mended: go on")
    assert not read_channel(day.db, shop, rooms.ctx.clock()).breaker
    assert push_stock(day.seed.ctx, shop) == 0
    assert read_channel(day.db, shop, rooms.ctx.clock()).breaker
    assert {day.seed.channels[shop].stock[f"L-{sku}"] for sku in TEN} == {5}


def test_the_check_of_settings_says_all_is_well_only_where_all_runs(rooms: Web, day: Day) -> None:
    admin, web = rooms.as_role("admin"), day.shops["berlin-web"]
    well = "All is set up: orders come in"
    assert well in admin.post(f"/channels/{web}/setup").text
    shop = stopped_shop(day.seed)
    page = unescape(admin.post(f"/channels/{shop}/setup").text)
    assert well not in page and "this is stopped; start it on the channel's page:" in page
    assert "12 of 14 listings with stock would show 0" in page and "zeroed=" not in page
    pause_stream(day.seed.ctx, web, "orders", True, "user:1")
    page = unescape(admin.post(f"/channels/{web}/setup").text)
    assert well not in page and re.search(r"Orders in</span>: stopped by hand", page)
    pause_connection(day.seed.ctx, web, "user:1")
    page = admin.post(f"/channels/{web}/setup").text
    assert well not in page and "the channel is paused: resume it on its page" in page
