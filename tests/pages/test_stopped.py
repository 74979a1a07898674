"""The page of a channel where the mass-zero breaker keeps zeros back: what waits, what goes on, and the two ways on."""

from __future__ import annotations

import re
from html import unescape

import pytest

from hub.reports.channels import read_channel
from hub.store.tables import connections, streams
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
        ("en", ["12 of 14 listings with stock wait with 0:", "and 2 more", "their 0 is not told until somebody says so",
                "All its other numbers go on.", "These zeros are meant", "Mended: look again"]),
        ("zh-CN", ["14 个有库存的商品中有 12 个等待显示 0：", "等，另有 2 个", "在有人确认之前不会推送这些 0",
                   "其他数量照常推送。", "确认清零", "已更正：重新检查"]),
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


def test_where_the_stock_fails_nothing_is_said_to_go_on_beside_zeros_that_wait(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    with day.db.write() as db:
        mine = streams.update().where(streams.c.connection_id == shop, streams.c.stream == "stock")
        db.execute(mine.values(failures=3, error="the shop is down"))
    browser = rooms.as_role("operator")
    overview = " ".join(unescape(re.sub(r"<[^>]+>", " ", browser.get("/").text)).split())
    assert "mira : 12 listings wait with 0 until somebody says so Open channel" in overview
    assert "mira : Stock out failed 3 times in a row the shop is down" in overview
    page = unescape(browser.get(f"/channels/{shop}").text)
    assert "12 of 14 listings" in notice(page) and "go on" not in notice(page)


def test_a_viewer_reads_the_notice_and_has_no_buttons(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    said = notice(rooms.as_role("viewer").get(f"/channels/{shop}").text)
    assert "12 of 14" in said and "These zeros are meant" not in said and "Mended" not in said
    assert rooms.as_role("viewer").post(f"/channels/{shop}/zeros").status_code == 403


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
    browser = rooms.as_role("operator")
    late = browser.post(f"/channels/{shop}/breaker", data={"allowed": "1"})  # from an old page
    assert late.status_code == 409 and "Nothing waits with 0 at mira: there is nothing" in unescape(late.text)
    assert "zero breaker is switched off" not in rooms.as_role("operator").get("/").text


def test_what_was_mended_goes_out_and_nothing_is_asked_any_more(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    for at in range(12):
        day.seed.adjust(f"S{at:02}", 4)
    assert notice(rooms.as_role("operator").get(f"/channels/{shop}").text) == ""
    assert push_stock(day.seed.ctx, shop) == 12
    assert {day.seed.channels[shop].stock[f"L-{sku}"] for sku in TEN} == {4}


def test_what_goes_on_beside_zeros_that_wait_is_seen_to_go_on(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    day.seed.adjust("S12", -3)
    push_stock(day.seed.ctx, shop)
    assert day.seed.channels[shop].stock["L-S12"] == 2
    page = unescape(rooms.as_role("operator").get(f"/channels/{shop}").text)
    assert re.search(r"Stock out.*?Action required.*?when there is work", page, re.DOTALL)
    overview = " ".join(unescape(re.sub(r"<[^>]+>", " ", rooms.as_role("operator").get("/").text)).split())
    assert "mira : 12 listings wait with 0 until somebody says so All its other numbers go on." in overview
    assert "All its other numbers go on." in notice(page)
    stock = rooms.as_role("operator").get("/stock?tab=doubted").text
    assert stock.count("0 waits for a person") and "S11" in stock and "S12" not in stock


def test_who_has_them_judged_anew_without_mending_has_no_zero_told(rooms: Web, day: Day) -> None:
    shop = stopped_shop(day.seed)
    asked = "12 listings wait with 0. If these are still too many, they go on waiting"
    assert asked in rooms.as_role("operator").get(f"/channels/{shop}").text  # it asks first
    _post(rooms, shop, "Mended: look again")
    assert not read_channel(day.db, shop, rooms.ctx.clock()).breaker
    assert push_stock(day.seed.ctx, shop) == 12
    assert read_channel(day.db, shop, rooms.ctx.clock()).breaker
    assert {day.seed.channels[shop].stock[f"L-{sku}"] for sku in TEN} == {5}


def test_the_check_of_settings_says_all_is_well_only_where_all_runs(rooms: Web, day: Day) -> None:
    admin, web = rooms.as_role("admin"), day.shops["berlin-web"]
    well = "All is set up: orders come in"
    assert well in admin.post(f"/channels/{web}/setup").text
    shop = stopped_shop(day.seed)
    page = unescape(admin.post(f"/channels/{shop}/setup").text)
    assert well not in page and "12 listings wait with 0 until you say on the channel's page whether" in page
    pause_stream(day.seed.ctx, web, "orders", True, "user:1")
    page = unescape(admin.post(f"/channels/{web}/setup").text)
    assert well not in page and re.search(r"Orders in</span>: stopped by hand", page)
    pause_connection(day.seed.ctx, web, "user:1")
    page = admin.post(f"/channels/{web}/setup").text
    assert well not in page and "the channel is paused: resume it on its page" in page


def test_sync_now_says_what_is_stopped_and_how_to_go_on(rooms: Web, day: Day) -> None:
    browser, web = rooms.as_role("operator"), day.shops["berlin-web"]

    def said() -> str:
        answer = browser.post(f"/channels/{web}/sync")
        return unescape(browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text)

    assert "It runs as soon as a worker is free." in said()
    pause_stream(day.seed.ctx, web, "stock", True, "user:1")
    page = said()
    assert "This is stopped and does not run: Stock out. Press Start beside it." in page
    assert "It runs as soon" not in page
    alone = browser.post(f"/channels/{web}/sync", data={"stream": "stock"})
    assert alone.status_code == 409 and "berlin-web is stopped in this: start it first" in alone.text
    pause_connection(day.seed.ctx, web, "user:1")
    page = said()
    assert "berlin-web is paused: resume it first" in page and "runs as soon" not in page
    with day.db.write() as db:
        db.execute(connections.update().where(connections.c.id == web).values(state="auth_failed"))
    assert "its credentials are refused: renew them, then check it" in said()
