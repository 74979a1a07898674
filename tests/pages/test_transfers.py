"""The rooms of transfers: written down, reserved, shipped and received through the forms, each sent twice once."""

from __future__ import annotations

import re

import pytest

from hub.reports.sku import read_sku
from hub.reports.transfers import read_transfer
from hub.rules.permissions import SYSTEM
from hub.usecases.change_stock import adjust_stock
from hub.usecases.manage_users import create_user
from tests.fixtures.pages import Web

NEW = {
    "source": "SZX",
    "destination": "BER",
    "note": "for the market",
    "sku.0": "MUG-BLUE",
    "pieces.0": "3",
    "ready": "1",
}


@pytest.fixture
def rooms(rooms: Web) -> Web:
    """With enough mugs in Shenzhen."""
    adjust_stock(rooms.ctx, "MUG-BLUE", "SZX", 10, reason="delivery", actor="test", key="mugs")
    return rooms


def _line(rooms: Web, transfer_id: int = 1) -> int:
    return read_transfer(rooms.ctx.db, transfer_id).lines[0].id


def test_a_transfer_goes_from_its_form_to_the_last_piece(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    before = read_sku(rooms.ctx.db, "MUG-BLUE", rooms.ctx.clock()).row.places["SZX"].on_hand
    for _ in range(2):
        assert browser.post("/stock/transfers/new", data=NEW | {"key": "once"}).status_code == 303
    assert read_transfer(rooms.ctx.db, 1).state == "ready"
    line = _line(rooms)
    for _ in range(2):
        form = {f"pieces.{line}": "2", "key": "a"}
        assert browser.post("/stock/transfers/1/ship", data=form).headers["location"] == "/stock/transfers/1"
    assert (read_transfer(rooms.ctx.db, 1).lines[0].shipped, read_transfer(rooms.ctx.db, 1).state) == (2, "in_transit")
    page = browser.get("/stock/transfers/1").text
    assert "Receive in BER" in page and "Ship from SZX" in page
    bad = browser.post("/stock/transfers/1/receive", data={f"whole.{line}": "1", f"damaged.{line}": "1", "key": "b"})
    assert bad.status_code == 422 and "need a reason" in bad.text
    good = {f"whole.{line}": "1", f"damaged.{line}": "1", "reason": "wet", "key": "b"}
    assert browser.post("/stock/transfers/1/receive", data=good).status_code == 303
    found = read_transfer(rooms.ctx.db, 1).lines[0]
    assert (found.received, found.damaged, found.under_way) == (2, 1, 0)
    assert browser.post("/stock/transfers/1/close", data={"reason": "the last one stays"}).status_code == 303
    assert read_transfer(rooms.ctx.db, 1).state == "received"
    assert read_sku(rooms.ctx.db, "MUG-BLUE", rooms.ctx.clock()).row.places["SZX"].on_hand == before - 2


def test_a_form_with_faults_comes_back_as_it_was_typed(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    for change, why in (
        ({"sku.0": "NOPE"}, "there is no SKU"),
        ({"pieces.0": "three"}, "use a whole number of pieces"),
        ({"destination": "SZX"}, "moves nothing"),
        ({"sku.0": ""}, "a transfer has 1 to 1000"),
    ):
        answer = browser.post("/stock/transfers/new", data=NEW | change)
        assert answer.status_code in (404, 422) and why in answer.text, why
        assert 'value="for the market"' in answer.text
    more = browser.post("/stock/transfers/new", data=NEW | {"more": "1", "sku.5": "MUG-BLUE"}).text
    assert len(re.findall(r'name="sku\.\d+"', more)) == 10
    too_many = browser.post("/stock/transfers/new", data=NEW | {"pieces.0": "100000"})
    assert too_many.status_code == 409 and "100000 asked" in too_many.text
    assert read_transfer(rooms.ctx.db, 1).state == "draft"


def test_only_the_own_warehouse_ships_and_receives(rooms: Web) -> None:
    rooms.as_role("operator").post("/stock/transfers/new", data=NEW)
    create_user(rooms.ctx, SYSTEM, "ber@example.com", "warehouse", ("BER",))
    create_user(rooms.ctx, SYSTEM, "ord@example.com", "warehouse", ("ORD",))
    line = _line(rooms)
    berlin = rooms.as_role("warehouse", "ber@example.com")
    assert "Ship from" not in berlin.get("/stock/transfers/1").text
    assert berlin.post("/stock/transfers/1/ship", data={f"pieces.{line}": "1"}).status_code == 403
    chicago = rooms.as_role("warehouse", "ord@example.com")
    assert chicago.get("/stock/transfers/1").status_code == 403
    assert "No transfers yet" in chicago.get("/stock/transfers").text
    rooms.as_role("operator").post("/stock/transfers/1/ship", data={f"pieces.{line}": "3"})
    assert berlin.post("/stock/transfers/1/receive", data={f"whole.{line}": "3"}).status_code == 303
    assert read_transfer(rooms.ctx.db, 1).state == "received"


def test_a_transfer_is_called_off_with_a_reason(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    browser.post("/stock/transfers/new", data=NEW)
    assert browser.post("/stock/transfers/1/cancel", data={"reason": " "}).status_code == 422
    assert browser.post("/stock/transfers/1/cancel", data={"reason": "no need"}).status_code == 303
    listed = browser.get("/stock/transfers?state=cancelled").text
    assert "SZX → BER" in listed and "for the market" in listed
    assert "No transfer is in this state" in browser.get("/stock/transfers?state=draft").text
