"""An admin mends a hold in the browser: three orders with an unknown SKU become routed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from hub.reports.orders import order_counts
from hub.reports.overview import read_overview
from tests.fixtures.seed import Seeded
from tests.fixtures.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MakeSite = Callable[[Callable[[Seeded], object]], Site]


def _three_held(seed: Seeded) -> None:
    shop = seed.connect("berlin-web")
    seed.item("TEE-RED-XL", "Organic T-shirt, red, XL", BER=10)
    seed.item("MUG-BLUE", "Mug, blue glaze", BER=10)
    for _ in range(3):
        seed.order(shop, ("TEE-RED-XXL", 2), where="berlin", unknown=True)
    seed.work()


def test_an_admin_links_a_suggested_sku_and_the_orders_are_routed(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_three_held)
    assert order_counts(site.seed.ctx.db)["held"] == 3
    page = site.tab(browser, "admin")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)

    page.goto(f"{site.address}/")
    page.locator(".needs").get_by_role("link", name="Mend").click()
    card = page.locator(".cause", has_text="3 orders wait: SKU “TEE-RED-XXL” is unknown on berlin-web")
    choice = card.locator(".choices li", has_text="TEE-RED-XL")
    choice.get_by_role("button", name="Link and run again").click()

    page.get_by_text("Linked to TEE-RED-XL; 3 run again.").wait_for()
    page.get_by_text("Nothing is held").wait_for()
    page.goto(f"{site.address}/orders?tab=to_ship")
    page.locator(".table tbody tr").nth(2).wait_for()
    page.get_by_role("link", name="#1001").click()
    page.get_by_text("Only BER has everything.").first.wait_for()
    page.locator(".titled .badge", has_text="To ship").wait_for()
    counts = order_counts(site.seed.ctx.db)
    assert (counts["held"], counts["to_ship"]) == (0, 3)
    assert faults == []
    page.context.close()


def test_the_tiles_change_by_themselves_when_an_order_comes_in(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_three_held)
    page = site.tab(browser, "admin")
    with page.expect_response("**/events"):
        page.goto(f"{site.address}/")
    tile = page.locator(".tile", has_text="To ship").locator(".value")
    assert tile.inner_text() == "0"
    page.wait_for_timeout(1500)  # the server's first look at its marks; a change after it is told

    site.seed.list_item(1, "MUG-BLUE")
    site.seed.order(1, ("MUG-BLUE", 1), where="berlin")
    site.seed.work()

    page.locator(".tile", has_text="To ship").locator(".value", has_text="1").wait_for(timeout=15000)
    assert read_overview(site.seed.ctx.db, site.seed.ctx.clock()).tiles.to_ship == 1
    page.context.close()
