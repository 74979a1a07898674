"""A blind count on a phone with a scanner; somebody else looks at the differences and approves them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from hub.reports.sku import read_sku
from hub.usecases.audit_stock import audit_stock
from tests.fixtures.seed import Seeded
from tests.fixtures.site import Site, scan

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MakeSite = Callable[[Callable[[Seeded], object]], Site]
MUG = "4006381333955"


def _shelves(seed: Seeded) -> None:
    seed.item("TEE-RED-XL", "Organic T-shirt, red, XL", "4006381333931", SZX=10)
    seed.item("MUG-BLUE", "Mug, blue glaze", MUG, SZX=3)


def _on_hand(site: Site, sku: str) -> int:
    return read_sku(site.seed.ctx.db, sku, site.seed.ctx.clock()).row.places["SZX"].on_hand


def test_shelves_are_counted_blind_and_the_difference_is_approved(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_shelves)
    phone = site.tab(browser, "warehouse", width=390)
    phone.goto(f"{site.address}/stock/counts")
    phone.get_by_role("link", name="New count").first.click()
    phone.get_by_role("button", name="Open the count").click()

    scan(phone, MUG, "MUG-BLUE: 1 counted")
    scan(phone, MUG, "MUG-BLUE: 2 counted")
    scan(phone, "LAMP-OAK", "is no SKU or barcode")
    shelf = phone.locator("[data-sku=TEE-RED-XL]")
    assert shelf.locator(".tally").inner_text() == "–"  # blind: the books are not told
    shelf.get_by_text("Type the number").click()
    shelf.get_by_label("Pieces of TEE-RED-XL on the shelf").fill("11")
    shelf.get_by_role("button", name="Keep").click()
    phone.locator(".said", has_text="TEE-RED-XL: 11 counted").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    phone.get_by_role("button", name="Hand the count in").click()
    phone.get_by_text("Handed in; 0 shelves were not counted").wait_for()
    assert phone.get_by_role("button", name="Approve").count() == 0
    assert (_on_hand(site, "MUG-BLUE"), _on_hand(site, "TEE-RED-XL")) == (3, 10)
    phone.context.close()

    lead = site.tab(browser, "operator")
    lead.goto(f"{site.address}/stock/counts?state=submitted")
    lead.get_by_role("link", name="Count 1").click()
    lead.get_by_role("button", name="Approve").first.wait_for()
    cells = [row.inner_text().split() for row in lead.locator(".table tbody tr").all()]
    assert ["-1" in cells[0], "+1" in cells[1]] == [True, True]
    lead.get_by_role("button", name="Approve").click()
    lead.locator("dialog[open]").get_by_role("button", name="Approve").click()
    lead.get_by_text("Approved: +0 pieces were written.").wait_for()
    assert (_on_hand(site, "MUG-BLUE"), _on_hand(site, "TEE-RED-XL")) == (2, 11)
    assert audit_stock(site.seed.ctx).mismatches == ()
    lead.context.close()
