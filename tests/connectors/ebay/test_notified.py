"""A whole hub and an eBay account: the address proves itself, an order rings, a forged notification leaves nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from connectors.ebay.sandbox import EbaySandbox
from connectors.ebay.spec import SPEC
from hub.settings import Settings
from hub.store import migrate
from hub.store.tables import inbox, orders
from hub.usecases.connect import add_connection, check_connection
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.refetch_orders import refetch_orders
from hub.wiring import Hub
from tests.connectors.contract import SHOPPER
from tests.fixtures.site import serving


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(Settings(data_dir=tmp_path, log_level="error")) as made:
        migrate.upgrade(made.db)
        yield made


def kept(hub: Hub) -> list[str]:
    with hub.db.read() as db:
        return [str(ref) for ref in db.scalars(select(inbox.c.ref).order_by(inbox.c.id))]


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not true within {seconds} s"
        time.sleep(0.02)


def test_an_order_rings_and_is_read_where_it_stands_and_a_forged_notification_leaves_nothing(
    hub: Hub, sandbox: EbaySandbox
) -> None:
    ctx = hub.context("web")
    cid = add_connection(ctx, hub.box.seal, SPEC, "eb", sandbox.settings, sandbox.secrets, actor="test")
    with serving(hub) as address:
        url = f"{address}/webhooks/eb"
        findings = check_connection(ctx, cid, url)
        assert [finding for finding in findings if not finding.ok] == []
        forged = {"x-ebay-signature": sandbox.notifications.signature(b"another body")}
        answer = requests.post(url, data=b'{"metadata": {}}', headers=forged, timeout=30)
        assert (answer.status_code, kept(hub)) == (401, [])

        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1), ("TEA-GREEN", 2)])
        wait(lambda: len(kept(hub)) == 2)
    assert kept(hub) == [ref, ref]
    assert refetch_orders(ctx, cid) == 2
    while ingest_inbox(ctx):
        pass
    with hub.db.read() as db:
        assert list(db.scalars(select(orders.c.channel_ref))) == [ref]
