"""The rooms show what is there, and their buttons do what they say; who may not is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.reports.orders import order_counts
from hub.reports.picks import read_pick
from hub.reports.sku import read_sku
from hub.rules.pacing import Limit, full, slowed
from hub.rules.permissions import SYSTEM
from hub.store.levels import SharedLevels
from hub.store.tables import listings, orders
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_users import create_user
from hub.usecases.set_selling import set_policy
from hub.usecases.unlink_listing import unlink_listing
from tests.fixtures.pages import MovedClock, Web
from tests.fixtures.seed import Seeded


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/", ["Orders today", "What needs you", "tmall-flagship", "Unknown SKU", "Oversold"]),
        ("/orders", ["#1001", "#1012", "深圳市", "€1,710.00", "To ship"]),
        ("/orders?tab=held", ["#1006", "TEE-RED-XXL"]),
        ("/orders?q=nothing", ["Nothing found"]),
        ("/orders?shop=2", ["#1003"]),
        ("/orders/1", ["SF1090000000001", "SZX has everything and is asked first",
                       "Comes later: priority 2 instead of 1", "Has only 2 of 3 pieces", "12,516 km", "22.54, 114.06",
                       "&#34;number&#34;: &#34;#1001&#34;"]),
        ("/orders/{#1006}", ["Nobody has said yet which of our SKUs", "Mend it"]),
        ("/holds", ["3 orders wait: SKU “TEE-RED-XXL” is unknown on berlin-web", "Link and run again", "on-hold",
                    "1 order waits for stock of LAMP-OAK"]),
        ("/holds?kind=short", ["pieces of LAMP-OAK are missing.", "Receive or count LAMP-OAK"]),
        ("/stock", ["MUG-蓝-礼盒", "Shenzhen DC", "tmall-flagship"]),
        ("/stock?q=mug-blue", ["18 − 12"]),
        ("/stock/item?sku=MUG-%E8%93%9D-%E7%A4%BC%E7%9B%92", ["蓝釉马克杯礼盒", "delivery"]),
        ("/channels", ["berlin-web", "Orders in", "Pause"]),
        ("/channels/2", ["Sweep for stock drift", "Run now"]),
        ("/dead", ["No dead letters"]),
        ("/work", ["Shenzhen DC", "List 2"]),
        ("/pick", ["#1002", "Start picking"]),
        ("/pick/2", ["MUG-蓝-礼盒", "请在周五前送达，谢谢", "Scan a piece"]),
        ("/pick/1", ["SF1090000000001", "Done"]),
    ],
)  # fmt: skip
def test_a_page_shows_the_facts(rooms: Web, path: str, texts: list[str]) -> None:
    answer = rooms.as_role("admin").get(re.sub(r"\{(.+)\}", lambda number: _order_id(rooms, number[1]), path))
    assert answer.status_code == 200
    assert [text for text in texts if text not in answer.text] == []


def test_a_channel_says_how_many_listings_a_person_unlinked(rooms: Web) -> None:
    with rooms.ctx.db.read() as db:
        query = select(listings.c.listing_ref).where(listings.c.connection_id == 2, listings.c.sku.is_not(None))
        ref = db.scalars(query.order_by(listings.c.id)).first()
    admin = rooms.as_role("admin")
    assert "unlinked by hand" not in admin.get("/channels/2").text
    unlink_listing(rooms.ctx, 2, ref or "", actor="system:0")
    assert "1 without a SKU, 1 unlinked by hand" in admin.get("/channels/2").text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Kept for presale until %s", "Kept for presale until %s: 2 of 3 pieces wait for it: MUG-BLUE.",
                "MUG-BLUE: 2 · kept for presale until %s", "1 order waits: MUG-BLUE is kept for presale until %s"]),
        ("zh-CN", ["预售保留至 %s", "预售保留至 %s：3 件中有 2 件在等待：MUG-BLUE。",
                   "1 个订单等待：MUG-BLUE 预售保留至 %s"]),
    ],
)  # fmt: skip
def test_an_order_that_waits_for_a_presale_says_until_when(rooms: Web, language: str, texts: list[str]) -> None:
    day = (rooms.ctx.clock() + timedelta(days=5)).date()
    set_policy(rooms.ctx, "MUG-BLUE", mode="presale", units=50, available_on=day, actor="system:0")
    seed = Seeded(rooms.ctx, numbers=2000)
    number = seed.order(1, ("MUG-BLUE", 2), ("TEE-RED-XL", 1))
    seed.work()
    browser = rooms.as_role("admin")
    browser.headers["accept-language"] = language
    page = browser.get(f"/orders/{_order_id(rooms, number)}").text
    shown = page + browser.get("/holds?kind=backorder").text
    assert [text % day for text in texts if text % day not in shown] == []
    assert "Not enough stock" not in page and "Our own code failed" not in shown


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["though there are more of MUG-BLUE", "free in ORD: 6, but it does not ship to this address"]),
        ("zh-CN", ["但 MUG-BLUE 另有库存", "ORD 有可用 6 件，但它不发往此地址"]),
    ],
)
def test_an_order_says_where_pieces_lie_that_it_may_not_have(rooms: Web, language: str, texts: list[str]) -> None:
    seed = Seeded(rooms.ctx, numbers=2000)
    for code in ("SZX", "BER", "ORD"):
        save_warehouse(rooms.ctx, code, actor="system:0", ships_to=["FR"])
    number = seed.order(1, ("MUG-BLUE", 2))
    seed.work()
    browser = rooms.as_role("admin")
    browser.headers["accept-language"] = language
    page = browser.get(f"/orders/{_order_id(rooms, number)}").text
    assert [text for text in texts if text not in page] == []


def _order_id(rooms: Web, number: str) -> str:
    with rooms.ctx.db.read() as db:
        return str(db.scalar(select(orders.c.id).where(orders.c.number == number)))


@pytest.mark.parametrize("path", ["/", "/orders/1", "/holds", "/stock", "/channels/1", "/work", "/pick/2"])
def test_a_page_is_whole_in_chinese(rooms: Web, path: str) -> None:
    browser = rooms.as_role("admin")
    browser.cookies.set("stockline_language", "zh_CN")
    words = re.sub(r"<[^>]+>", " ", browser.get(path).text)
    assert [text for text in ("Orders", "Channel", "Pick", "Stock ", "Warehouse", "Held") if text in words] == []


def test_the_second_best_is_told_by_what_it_differs_in_also_where_nothing_counts_in_money(rooms: Web) -> None:
    browser = rooms.as_role("viewer")
    assert re.search(r"Second best: \w+( \+ \w+)*\. [A-Z][^.<]+\.", browser.get("/orders/1").text)
    overview = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", browser.get("/").text))
    assert "2 causes to mend · 2 messages not read" in overview


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Slowed down by the platform", "The platform allows no calls until", "Nothing is lost",
                " · no calls until", "asked at 90 % of its pace"]),
        ("zh-CN", ["被平台限流", "平台暂停接受调用，恢复时间：", "数据不会丢失", "平台限流至", "正常速率的 90 % 调用"]),
    ],
)  # fmt: skip
def test_a_channel_that_its_platform_slows_down_says_so_and_until_when(
    rooms: Web, clock: MovedClock, language: str, texts: list[str]
) -> None:
    now = rooms.ctx.clock().timestamp()
    level = slowed(Limit(5.0, 5.0), full(Limit(5.0, 5.0), now), now, 120)
    SharedLevels(rooms.ctx.db, 1).change("calls", lambda _level, _now: (level, None))
    browser = rooms.as_role("viewer")
    browser.headers["accept-language"] = language
    pages = "".join(browser.get(path).text for path in ("/", "/channels", "/channels/1"))
    clock.move(seconds=121)
    pages += browser.get("/channels/1").text
    assert [text for text in texts if text not in pages] == []


def test_a_viewer_sees_no_buttons_that_change_anything(rooms: Web) -> None:
    viewer = rooms.as_role("viewer")
    for path in ("/orders/2", "/holds", "/stock/item?sku=MUG-BLUE", "/channels/1", "/pick/2"):
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', viewer.get(path).text)
        assert set(forms) <= {"/account/looks", "/sign-out"}, path


def test_a_hold_is_mended_with_a_typed_sku_and_a_wrong_one_is_explained(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    mark = re.search(r'name="fingerprint" value="(unknown_sku[^"]+)"', browser.get("/holds").text)
    assert mark
    wrong = browser.post("/holds/link", data={"fingerprint": mark[1], "typed": "TEE-NOPE"})
    assert wrong.status_code == 404 and "there is no SKU &#39;TEE-NOPE&#39;" in wrong.text
    many = browser.post("/holds/link", data={"fingerprint": mark[1], "typed": "TEE-RED-XL", "units": "0"})
    assert many.status_code == 422 and "expected 1 or more base units" in many.text
    assert order_counts(rooms.ctx.db)["held"] == 4
    done = browser.post("/holds/link", data={"fingerprint": mark[1], "typed": "TEE-RED-XXL", "new": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/holds")
    assert "Linked to TEE-RED-XXL; 3 run again." in browser.get("/holds").text
    assert order_counts(rooms.ctx.db)["held"] == 1
    assert browser.post("/holds/link", data={"fingerprint": mark[1], "typed": "TEE-RED-XL"}).status_code == 404


def test_an_order_is_held_and_released_by_hand(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    assert browser.post("/orders/2/hold", data={"why": "call the buyer first"}).status_code == 303
    held = browser.get("/orders/2").text
    assert "call the buyer first" in held and "Held by hand" in held
    assert browser.post("/orders/2/release", data={"fingerprint": "by_hand:2"}).status_code == 303
    assert "call the buyer first" not in re.sub(r"(?s)Timeline.*", "", browser.get("/orders/2").text)


def test_stock_is_changed_once_per_form_and_bad_input_is_explained(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    form = {
        "sku": "LAMP-OAK",
        "warehouse": "BER",
        "change": "receive",
        "pieces": "10",
        "reason": "delivery 7",
        "key": "k",
    }
    for _ in range(2):
        assert browser.post("/stock/change", data=form).status_code == 303
    facts = read_sku(rooms.ctx.db, "LAMP-OAK", rooms.ctx.clock())
    assert facts.row.on_hand == 12 and facts.waiting == 0
    for change, why in (
        ({"pieces": "1.5"}, "use a whole number"),
        ({"pieces": "-99", "change": "adjust", "key": "a"}, "would be too few"),
        ({"reason": " ", "key": "b"}, "needs a reason"),
        ({"change": "burn", "key": "c"}, "choose one of the list"),
    ):
        answer = browser.post("/stock/change", data=form | change)
        assert answer.status_code in (409, 422) and why in answer.text, why
    assert read_sku(rooms.ctx.db, "LAMP-OAK", rooms.ctx.clock()).row.on_hand == 12


def test_a_channel_is_paused_resumed_and_its_streams_too(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    assert browser.post("/channels/1/pause").status_code == 303
    stopped = browser.get("/channels/1").text
    assert "Resume" in stopped and "Sync now" not in stopped
    assert browser.post("/channels/1/resume").status_code == 303
    assert browser.post("/channels/1/stream", data={"stream": "stock", "paused": "1"}).status_code == 303
    assert re.search(r"Stock out.*?Start", browser.get("/channels/1").text, re.DOTALL)
    assert browser.post("/channels/1/stream", data={"stream": "nope", "paused": "1"}).status_code == 404
    assert browser.post("/channels/1/sync").status_code == 303
    checked = browser.post("/channels/1/check")
    assert checked.status_code == 200 and "What the check found" in checked.text


def test_a_picker_sees_only_the_own_warehouses(rooms: Web) -> None:
    create_user(rooms.ctx, SYSTEM, "ber@example.com", "warehouse", ("BER",))
    browser = rooms.as_role("warehouse", "ber@example.com")
    assert browser.get("/").headers["location"] == "/pick"
    assert "Shenzhen DC" not in browser.get("/work").text
    assert "Shenzhen DC" not in browser.get("/stock").text
    refused = browser.get("/pick/2")
    assert refused.status_code == 403 and "which is not yours" in refused.text
    for verb in ("take", "scan", "undo", "missing", "pack", "ship"):
        assert browser.post(f"/pick/2/{verb}", data={"code": "MUG-蓝-礼盒"}).status_code == 403, verb
    assert read_pick(rooms.ctx.db, 2).card.picked == 0


def test_who_comes_second_is_told_who_has_the_list(rooms: Web) -> None:
    create_user(rooms.ctx, SYSTEM, "ann@example.com", "warehouse", ())
    create_user(rooms.ctx, SYSTEM, "ben@example.com", "warehouse", ())
    assert rooms.as_role("warehouse", "ann@example.com").post("/pick/2/take").headers["location"] == "/pick/2"
    second = rooms.as_role("warehouse", "ben@example.com")
    assert second.post("/pick/2/take").headers["location"] == "/pick"
    said = second.get("/pick").text
    assert "Being picked, ann@example.com. Take the next one." in said


@pytest.fixture
def scan(rooms: Web) -> Callable[..., str]:
    """Scans as the page's script does; gives the part that is put in place."""
    browser = rooms.as_role("warehouse")

    def send(code: str, **more: str) -> str:
        answer = browser.post("/pick/2/scan", data={"code": code, **more}, headers={"hx-request": "true"})
        assert answer.status_code == 200 and "<html" not in answer.text
        return answer.text

    return send


def test_scans_are_answered_in_place(scan: Callable[..., str]) -> None:
    assert "is not on this list" in scan("<script>alert(1)</script>")
    assert "&lt;script&gt;" in scan("<script>alert(1)</script>")
    assert "is not on this list" in scan("TEE-RED-XL")
    for pieces in ("0", "-1"):
        assert f"{pieces} pieces: a scan counts at least one" in scan("6901234567892", pieces=pieces)
    assert "MUG-蓝-礼盒: counted" in scan(" 6901234567892 ")
    assert "all 1 are picked already" in scan("MUG-蓝-礼盒")


def test_shipping_twice_with_one_form_ships_once(rooms: Web) -> None:
    browser = rooms.as_role("warehouse")
    form = {"carrier": "SF Express", "tracking": "SF77", "key": "once", "partial": ""}
    for _ in range(2):
        assert browser.post("/pick/2/ship", data=form).status_code == 303
    assert [parcel.tracking_no for parcel in read_pick(rooms.ctx.db, 2).parcels] == ["SF77"]
    empty = browser.post("/pick/3/ship", data=form | {"tracking": " ", "key": "other"})
    assert empty.status_code == 422 and "needs a carrier and a tracking number" in empty.text


def test_a_hold_for_want_of_stock_and_its_order_say_where_the_pieces_are(rooms: Web) -> None:
    seed = Seeded(rooms.ctx, numbers=3000)
    adjust_stock(rooms.ctx, "LAMP-OAK", "BER", 9, reason="received", actor="eve", key="lamps")
    change_state(rooms.ctx, "LAMP-OAK", "BER", 1, source="free", target="damaged", reason="wet", actor="eve", key="d")
    seed.work()
    promised = seed.order(1, ("LAMP-OAK", 1))
    held = seed.order(1, ("LAMP-OAK", 50))
    seed.work()
    there = read_sku(rooms.ctx.db, "LAMP-OAK", rooms.ctx.clock()).row.places["BER"].on_hand
    browser = rooms.as_role("admin")
    for path in ("/holds?kind=short", f"/orders/{_order_id(rooms, held)}"):
        text = re.sub(r"<[^>]+>", "", browser.get(path).text)
        wanted = [f"{there} on hand", "promised to orders", promised, "1 damaged"]
        assert [words for words in wanted if words in text] == wanted
        assert "pieces of LAMP-OAK are missing." in text
