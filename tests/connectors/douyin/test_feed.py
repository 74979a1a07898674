"""Orders by date of change: pages from 0, seconds that fill pages, China's time, answers that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from hub.canonical.errors import Rejected
from hub.ports.channel import Connection, RawRecord
from tests.connectors.contract import SHOPPER
from tests.connectors.douyin.conftest import connect

GATEWAY = "https://platform.example"
SEARCH = f"{GATEWAY}/order/searchList"


def remote(**settings: str) -> Douyin:
    given = {"app_key": "7000000000000000000", "shop_id": "77001", "gateway_url": GATEWAY, **settings}
    responses.post(f"{GATEWAY}/token/create", json={"code": 10000, "data": {"access_token": "t", "expires_in": 604800}})
    return Douyin(Connection(1, "d", "douyin", given, {"app_secret": "s3cret"}))


def answered(**data: Any) -> dict[str, Any]:
    return {"code": 10000, "data": data}


def pulled(channel: Douyin, cursor: str | None = None) -> list[RawRecord]:
    return [record for page in channel.pull_orders(cursor) for record in page.records]


@pytest.mark.parametrize("count", [99, 100, 101, 200])
def test_orders_of_one_second_that_fill_pages_come_once_each(count: int, watched: Any) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    sandbox: DouyinSandbox = watched(DouyinSandbox(clock=lambda: now))
    placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(count)]
    assert sorted(record.ref for record in pulled(connect(sandbox))) == sorted(placed)


@responses.activate
def test_a_pull_asks_from_its_cursor_less_the_overlap_oldest_change_first() -> None:
    responses.post(SEARCH, json=answered(page=0, size=100, total=0, shop_order_list=[]))
    assert pulled(remote(), "2026-11-23T08:00:00Z") == []
    assert json.loads(responses.calls[-1].request.body or b"") == {
        "page": 0, "size": 100, "order_by": "update_time", "order_asc": True, "update_time_start": 1795420680,
    }  # fmt: skip


@responses.activate
def test_a_first_pull_starts_where_the_setting_says_in_chinas_time() -> None:
    responses.post(SEARCH, json=answered(shop_order_list=None, total=0))
    pulled(remote(orders_since="2026-11-01"))
    start = json.loads(responses.calls[-1].request.body or b"")["update_time_start"]
    assert datetime.fromtimestamp(start, UTC) == datetime(2026, 10, 31, 16, tzinfo=UTC)


@responses.activate
def test_an_order_without_its_id_is_held_and_its_neighbors_go_on() -> None:
    rows = [{"update_time": 5}, {"order_id": "7", "update_time": "soon"}, "no object"]
    responses.post(SEARCH, json=answered(shop_order_list=rows, total=2))
    held, other = pulled(remote())
    assert str(held.problem) == "order_id = 'null': expected the order's id"
    assert (other.ref, other.updated_at, other.problem) == ("7", None, None)


@responses.activate
def test_only_the_platforms_own_words_mean_that_there_is_no_such_order() -> None:
    detail = f"{GATEWAY}/order/orderDetail"
    channel = remote()
    for words in ("订单不存在", "系统繁忙"):
        responses.post(detail, json={"code": 50002, "sub_code": "isv.business-failed:1", "sub_msg": words})
    assert channel.fetch_order("7") is None
    responses.remove(responses.POST, detail)
    responses.post(detail, json={"code": 50002, "sub_code": "isv.business-failed:1", "sub_msg": "系统繁忙"})
    with pytest.raises(Rejected, match="系统繁忙"):
        channel.fetch_order("7")
    responses.replace(responses.POST, detail, json=answered())
    assert channel.fetch_order("7") is None
