"""Proposals: worked out for orders that wait, accepted into a transfer, or dismissed with a reason."""

from __future__ import annotations

import re

from hub.reports.proposals import find_proposals
from hub.reports.transfers import find_transfers
from tests.fixtures.pages import Web


def test_a_proposal_is_worked_out_and_dismissed_with_a_reason(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    assert "Nothing to propose" in browser.get("/stock/proposals").text
    assert browser.post("/stock/proposals/refresh").status_code == 303
    found, _ = find_proposals(rooms.ctx.db)
    assert [row.sku for row in found] == ["LAMP-OAK"]
    page = browser.get("/stock/proposals").text
    assert "LAMP-OAK" in page and re.search(r'action="/stock/proposals/\d+/accept"', page)
    assert browser.post(f"/stock/proposals/{found[0].id}/dismiss", data={"reason": ""}).status_code == 422
    assert browser.post(f"/stock/proposals/{found[0].id}/dismiss", data={"reason": "end of line"}).status_code == 303
    assert "LAMP-OAK" in browser.get("/stock/proposals?state=dismissed").text
    late = browser.post(f"/stock/proposals/{found[0].id}/accept")
    assert late.status_code == 409 and "Nothing to propose" in late.text


def test_an_accepted_proposal_is_a_purchase_or_a_transfer(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    browser.post("/stock/proposals/refresh")
    row = find_proposals(rooms.ctx.db)[0][0]
    answer = browser.post(f"/stock/proposals/{row.id}/accept")
    made, _ = find_transfers(rooms.ctx.db)
    expected = "/stock/proposals" if row.kind == "purchase" else f"/stock/transfers/{made[0].id}"
    assert (answer.status_code, answer.headers["location"]) == (303, expected)
    assert [one.state for one in find_proposals(rooms.ctx.db, state="accepted")[0]] == ["accepted"]
