"""Trades by windows that are read backwards, and by a queue whose messages are confirmed once they are kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.taobao.connector import Taobao
from connectors.taobao.feed import CHANGED
from connectors.taobao.sandbox import TaobaoSandbox
from connectors.taobao.sandbox.gate import form_of, moment
from connectors.taobao.spec import KINDS
from hub.canonical.errors import Misconfigured
from hub.canonical.times import iso
from hub.ports.channel import Page, Receipt
from hub.ports.clock import utc_now
from tests.connectors.contract import SHOPPER
from tests.connectors.taobao.conftest import connect, forms

TEA = [("TEA-GREEN", 1)]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Clock:
    """The shop's clock: `back` behind ours."""

    def __init__(self, back: timedelta) -> None:
        self.back = back

    def __call__(self) -> datetime:
        return utc_now() - self.back


def refs(pages: Any) -> list[str]:
    return [record.ref for page in pages for record in page.records]


def pulled(channel: Taobao, cursor: str | None = None) -> list[Page]:
    return list(channel.pull_orders(cursor))


def asked(posted: list[dict[str, str]]) -> list[dict[str, str]]:
    return [form for form in posted if form["method"] == CHANGED]


# ---- windows ----


def test_a_window_is_counted_once_and_read_from_its_last_page_to_its_first(watched: Any) -> None:
    clock = Clock(timedelta(minutes=2))
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=clock))
    placed = [sandbox.place_order(SHOPPER, TEA) for _ in range(101)]
    start = iso(utc_now() - timedelta(minutes=5))
    with forms(sandbox) as posted:
        assert refs(pulled(connect(sandbox), start)) == placed
    pages = [(form["page_no"], form["page_size"], form.get("use_has_next", "")) for form in asked(posted)]
    assert pages == [("1", "1", ""), ("3", "50", "true"), ("2", "50", "true"), ("1", "50", "true")]
    ends = {form["end_modified"] for form in asked(posted)}
    assert len(ends) == 1


def test_a_trade_that_changes_while_a_window_is_read_pulls_no_other_over_the_edge(watched: Any) -> None:
    clock = Clock(timedelta(minutes=5))
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=clock))
    placed = [sandbox.place_order(SHOPPER, TEA) for _ in range(120)]
    clock.back = timedelta(0)
    pages = connect(sandbox).pull_orders(iso(utc_now() - timedelta(minutes=8)))
    first = next(pages)
    changed = placed[-30]
    assert changed not in refs([first])
    assert sandbox.edit_order(changed, "TEA-GREEN", 2)
    rest = list(pages)
    assert sorted(refs([first, *rest])) == sorted(set(placed) - {changed})
    later = connect(sandbox, now=lambda: utc_now() + timedelta(seconds=60))
    assert changed in refs(pulled(later, rest[-1].cursor))


def test_a_trade_that_changes_between_list_and_detail_does_not_move_the_cursor_beyond_what_was_read(
    watched: Any,
) -> None:
    """A pull that ends after its first page goes on there: the cursor comes from the list, not from the trade."""
    clock = Clock(timedelta(minutes=5))
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=clock))
    placed = [sandbox.place_order(SHOPPER, TEA) for _ in range(60)]
    before = sandbox.server.watch

    def edited_meanwhile(request: Request, reply: Reply) -> None:
        if before:
            before(request, reply)
        if form_of(request).get("use_has_next") and clock.back:
            clock.back = timedelta(0)
            sandbox.edit_order(placed[0], "TEA-GREEN", 2)

    sandbox.server.watch = edited_meanwhile
    first = next(connect(sandbox).pull_orders(iso(utc_now() - timedelta(minutes=8))))
    assert placed[0] in refs([first])
    assert first.cursor is not None
    assert first.cursor < iso(utc_now() - timedelta(minutes=4))
    assert set(placed) <= {*refs([first]), *refs(pulled(connect(sandbox), first.cursor))}


def spans(sandbox: TaobaoSandbox, now: datetime, cursor: datetime | None, **settings: str) -> list[timedelta]:
    channel = connect(sandbox, lambda: now, **settings)
    with forms(sandbox) as posted:
        pages = pulled(channel, iso(cursor) if cursor else None)
    assert pages[-1].cursor == iso(now - timedelta(seconds=10))
    return [moment(form["end_modified"]) - moment(form["start_modified"]) for form in asked(posted)]


def test_windows_grow_while_nothing_happened_and_never_beyond_a_day(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=lambda: NOW))
    found = spans(sandbox, NOW, NOW - timedelta(days=4))
    hours = [span.total_seconds() / 3600 for span in found]
    assert hours[:8] == [0.5, 1, 2, 4, 8, 16, 24, 24]
    assert max(hours) == 24


def test_a_busy_window_is_followed_by_one_of_half_an_hour(watched: Any) -> None:
    clock = Clock(timedelta(0))
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=lambda: NOW - clock.back))
    clock.back = timedelta(hours=10)
    sandbox.place_order(SHOPPER, TEA)
    clock.back = timedelta(0)
    found = spans(sandbox, NOW, NOW - timedelta(hours=12) + timedelta(minutes=2))
    minutes = [round(span.total_seconds() / 60) for span in found]
    assert minutes == [30, 60, 120, 120, 30, 60, 120, 240, 60]


def test_what_the_platform_forgot_is_not_asked_for(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=lambda: NOW))
    with forms(sandbox) as posted:
        pulled(connect(sandbox, lambda: NOW), "2020-01-01T00:00:00Z")
    assert moment(asked(posted)[0]["start_modified"]) == NOW - timedelta(days=90)


def test_the_first_pull_starts_where_the_merchant_says_in_beijing(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=lambda: NOW))
    with forms(sandbox) as posted:
        pulled(connect(sandbox, lambda: NOW, orders_since="2026-11-22"))
    assert asked(posted)[0]["start_modified"] == "2026-11-22 00:00:00"
    with pytest.raises(Misconfigured, match="orders_since = 'soon'"):
        connect(sandbox, orders_since="soon")


def test_kinds_that_the_platform_leaves_out_by_itself_are_asked_for(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(queue=False, clock=Clock(timedelta(minutes=1))))
    ref = sandbox.place_order(SHOPPER, TEA)
    sandbox.shop.trade(ref).kind = "nopaid"
    assert refs(pulled(connect(sandbox))) == [ref]
    assert refs(pulled(connect(sandbox, trade_types="fixed,cod"))) == []


def test_a_refund_that_the_shop_does_not_know_leaves_the_trade_without_its_amount(sandbox: TaobaoSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 1)])
    assert sandbox.refund_line(ref, "TEA-GREEN")
    channel = connect(sandbox)
    record = channel.fetch_order(ref)
    assert record is not None
    assert [row["refund_fee"] for row in json.loads(record.raw)["stockline_refunds"]] == ["7.90"]
    sandbox.routes.refunds_known = False
    bare = channel.fetch_order(ref)
    assert bare is not None
    assert "stockline_refunds" not in json.loads(bare.raw)


@pytest.mark.data
def test_the_kinds_that_are_asked_for_are_those_of_the_metadata(shared_data: Path) -> None:
    body = json.loads((shared_data / "taobao" / "top_api" / "taobao_trade_fullinfo_get.json").read_text("utf-8"))
    (told,) = [row["description"] for row in body["responseParams"][0]["subParams"] if row["name"] == "type"]
    listed = re.findall(r"([a-z0-9_]+) ?[(（]", told)
    assert sorted(KINDS.split(",")) == sorted(set(listed))


# ---- the queue ----


def test_a_message_is_confirmed_by_its_receipt_and_comes_again_until_then(sandbox: TaobaoSandbox) -> None:
    channel = connect(sandbox)
    ref = sandbox.place_order(SHOPPER, TEA)
    for _ in range(2):
        pages = pulled(channel)
        assert refs(pages) == [ref]
        assert len(sandbox.shop.messages) == 1
    (receipt,) = [receipt for page in pages for receipt in page.receipts]
    for _ in range(2):
        channel.send_receipt(receipt)
    assert sandbox.shop.messages == {}
    assert refs(pulled(channel)) == []


def test_a_receipt_that_an_older_version_queued_confirms_its_messages(sandbox: TaobaoSandbox) -> None:
    channel = connect(sandbox)
    sandbox.place_order(SHOPPER, TEA)
    (receipt,) = [receipt for page in pulled(channel) for receipt in page.receipts]
    channel.send_receipt(Receipt(receipt.key, {"ids": receipt.body["handles"]}))
    assert sandbox.shop.messages == {}


def test_the_same_messages_after_a_lost_confirmation_get_a_receipt_of_their_own(sandbox: TaobaoSandbox) -> None:
    sandbox.place_order(SHOPPER, TEA)
    moments = iter([NOW, NOW + timedelta(minutes=1)])
    keys = set()
    for _ in range(2):
        at = utc_now() + (next(moments) - NOW)
        pages = pulled(connect(sandbox, lambda at=at: at))
        keys |= {receipt.key for page in pages for receipt in page.receipts}
    assert len(keys) == 2


def test_messages_of_the_apps_other_shops_stay_in_the_queue(sandbox: TaobaoSandbox) -> None:
    ours = sandbox.place_order(SHOPPER, TEA)
    other = sandbox.shop.post("taobao_trade_TradeBuyerPay", '{"tid": 1}', "another_shop")
    channel = connect(sandbox)
    pages = pulled(channel)
    assert refs(pages) == [ours]
    for page in pages:
        for receipt in page.receipts:
            channel.send_receipt(receipt)
    assert list(sandbox.shop.messages) == [other]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"num_iid": 5}', '{"tid": 77}'])
def test_a_message_about_no_trade_of_ours_is_confirmed_and_gives_nothing(content: str, sandbox: TaobaoSandbox) -> None:
    sandbox.shop.post("taobao_item_ItemUpdate", content, sandbox.settings["nick"])
    pages = pulled(connect(sandbox))
    assert refs(pages) == []
    assert [len(page.receipts) for page in pages if page.receipts] == [1]


def test_several_messages_about_one_trade_read_it_once(sandbox: TaobaoSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, TEA)
    assert sandbox.edit_order(ref, "TEA-GREEN", 2)
    with forms(sandbox) as posted:
        assert refs(pulled(connect(sandbox))) == [ref]
    assert [form["tid"] for form in posted if "tid" in form] == [ref]


def test_more_messages_than_one_answer_holds_come_in_several_pages(sandbox: TaobaoSandbox) -> None:
    """Each page is confirmed before the next is asked for, as the hub may do."""
    placed = [sandbox.place_order(SHOPPER, TEA) for _ in range(205)]
    channel, found = connect(sandbox), list[str]()
    for page in channel.pull_orders(None):
        found += refs([page])
        for receipt in page.receipts:
            channel.send_receipt(receipt)
    assert sorted(found) == sorted(placed)
    assert sandbox.shop.messages == {}


def test_a_lost_message_costs_nothing_but_time(sandbox: TaobaoSandbox) -> None:
    sandbox.faults.force("webhook_lost", 1)
    ref = sandbox.place_order(SHOPPER, TEA)
    assert refs(pulled(connect(sandbox))) == []
    assert refs(pulled(connect(sandbox, lambda: utc_now() + timedelta(seconds=30)))) == [ref]


def test_a_queue_in_a_group_is_asked_by_its_name(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox(group="vip"))
    ref = sandbox.place_order(SHOPPER, TEA)
    pages = pulled(connect(sandbox))
    assert refs(pages) == [ref]
    connect(sandbox).send_receipt(pages[0].receipts[0])
    assert sandbox.shop.messages == {}
