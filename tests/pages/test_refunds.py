"""What people see of refunds that are told apart: on the order's page, and in a check that goes on without them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.contract.base import ITEMS, SHOPPER
from hub.ports.channel import RawRecord
from hub.store.inbox import pulled, store_arrivals
from hub.store.tables import connections, holds, inbox, orders
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.join_refunds import join_refunds
from hub.usecases.pull_orders import pull_orders
from hub.usecases.pull_refunds import pull_refunds
from hub.wiring import Hub
from tests.fixtures.pages import Web
from tests.fixtures.whole import whole_hub, whole_web


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with whole_hub(tmp_path) as opened:
        yield opened


@pytest.fixture
def web(hub: Hub) -> Web:
    return whole_web(hub)


@pytest.fixture
def seller() -> Iterator[AmazonSandbox]:
    sandbox = AmazonSandbox()
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    yield sandbox
    sandbox.stop()


def connect(web: Web, seller: AmazonSandbox) -> int:
    settings = {f"settings.{name}": text for name, text in seller.settings.items()}
    secrets = {f"secrets.{name}": text for name, text in seller.secrets.items()}
    form = settings | secrets | {"name": "my-amazon", "on_shortage": "hold"}
    answer = web.as_role("admin").post("/connect/amazon", data=form)
    assert answer.status_code == 200, answer.text
    with web.ctx.db.read() as db:
        return int(db.scalars(select(connections.c.id)).one())


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Given back", "€7.90", "Partly refunded", "Money went back to the buyer", "7.90 EUR · Refund Order"]),
        ("zh-CN", ["已退款", "€7.90", "已向买家退款", "7.90 EUR · Refund Order"]),
    ],
)
def test_an_order_shows_what_went_back_and_when(
    web: Web, seller: AmazonSandbox, language: str, texts: list[str]
) -> None:
    key = connect(web, seller)
    seller.refund(seller.place_order(SHOPPER, [("TEA-GREEN", 2)]), "TEA-GREEN", 1)
    for act in (pull_orders, pull_refunds):
        act(web.ctx, key)
    while ingest_inbox(web.ctx) + join_refunds(web.ctx):
        pass
    with web.ctx.db.read() as db:
        number = db.scalars(select(orders.c.id)).one()
    browser = web.as_role("admin")
    browser.headers["accept-language"] = language
    page = html.unescape(browser.get(f"/orders/{number}").text)
    assert [text for text in texts if text not in page] == []


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["All is set up", "access to refunds", "goes on without it", "has the role Finance and Accounting"]),
        (
            "zh-CN",
            [
                "退款访问权限",
                "缺少它也会继续运行",
                "在应用获得角色 Finance and Accounting 并重新授权之前",
            ],
        ),
    ],
)
def test_a_check_without_the_role_says_what_is_lost_and_that_all_else_is_set_up(
    web: Web, seller: AmazonSandbox, language: str, texts: list[str]
) -> None:
    seller.login.roles.discard("finance")
    key = connect(web, seller)
    browser = web.as_role("admin")
    browser.headers["accept-language"] = language
    page = html.unescape(browser.post(f"/channels/{key}/setup", follow_redirects=True).text)
    assert [text for text in texts if text not in page] == []


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["1 refund waits: cannot read transactionType “Odd”", "No order waits for it", "Run again", "Dismiss"]),
        ("zh-CN", ["1 笔退款在等待：", "没有订单在等待它", "搁置"]),
    ],
)
def test_a_refund_that_nobody_can_read_is_dismissed_and_kept(
    web: Web, seller: AmazonSandbox, language: str, texts: list[str]
) -> None:
    key, record = connect(web, seller), RawRecord("t1", b'{"transactionType": "Odd"}', kind="refund")
    with web.ctx.db.write() as db:
        store_arrivals(db, key, [pulled(record)], web.ctx.clock())
    ingest_inbox(web.ctx)
    with web.ctx.db.read() as db:
        mark = db.scalars(select(holds.c.fingerprint)).one()
    browser = web.as_role("operator")
    browser.headers["accept-language"] = language
    page = html.unescape(browser.get("/holds/cause", params={"fingerprint": mark}).text)
    assert [text for text in texts if text not in page] == []
    assert "/holds/dismiss" in page
    assert "/holds/dismiss" not in web.as_role("viewer").get("/holds/cause", params={"fingerprint": mark}).text
    assert browser.post("/holds/dismiss", data={"fingerprint": mark}).status_code == 303
    with web.ctx.db.read() as db:
        assert db.execute(select(inbox.c.state, inbox.c.raw)).one() == ("ignored", record.raw)
        assert db.scalars(select(holds.c.state)).one() == "dismissed"
