"""Somebody who has never seen it changes the routing rules: draft, try it on past orders, activate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from hub.reports.order import latest_decision
from hub.reports.rulesets import active_of, find_rulesets
from tests.fixtures.seed import Seeded
from tests.fixtures.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
MakeSite = Callable[[Callable[[Seeded], object]], Site]


def _orders_for_berlin(seed: Seeded) -> None:
    """Two orders from Berlin that today's rules send from Shenzhen, whose priority is first."""
    shop = seed.connect("berlin-web")
    seed.item("TEE-RED-XL", "Organic T-shirt, red, XL", SZX=20, BER=20)
    seed.list_item(shop, "TEE-RED-XL")
    for _ in range(2):
        seed.order(shop, ("TEE-RED-XL", 1), where="berlin")
    seed.work()


def _desk(browser: Browser, site: Site, faults: list[str]) -> Page:
    page = site.tab(browser, "operator")
    page.on("pageerror", lambda error: faults.append(str(error)))
    refused = "status of 422"  # the browser's word for a form that came back with a fault
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" and refused not in message.text else None
        ),
    )
    return page


def test_rules_are_drafted_tried_and_activated(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_orders_for_berlin)
    faults: list[str] = []
    page = _desk(browser, site, faults)

    page.goto(f"{site.address}/")
    page.get_by_role("link", name="Routing").first.click()
    page.get_by_text("Every order: one warehouse that has everything").first.wait_for()
    page.get_by_role("button", name="Change the rules").click()

    page.get_by_label("What is this draft for?").fill("Nearest warehouse first")
    page.get_by_label("Criterion 1").select_option(label="nearest")
    page.get_by_label("Criterion 5").select_option(label="–")
    page.get_by_label("At most so many parcels").fill("two")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("1 field needs another look; nothing was saved.").wait_for()
    page.get_by_role("link", name="Use a whole number, such as 2.").click()
    page.get_by_label("At most so many parcels").fill("2")
    page.get_by_role("button", name="Save", exact=True).last.click()

    page.get_by_text("Saved. Now try it, or activate it.").wait_for()
    page.get_by_text(
        "Every order: nearest, then fewest parcels, then the earlier day where a day is full, then priority"
    ).first.wait_for()
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("heading", name="2 orders go elsewhere").wait_for(timeout=20_000)
    row = page.locator(".table tbody tr").first
    assert [row.locator("td").nth(at).inner_text().split()[0] for at in (1, 2)] == ["SZX", "BER"]

    page.get_by_role("link", name="To the rules tried").click()
    page.get_by_role("button", name="Activate").click()
    page.locator("dialog[open]").get_by_role("button", name="Activate").click()
    page.get_by_text("Version 1 is active: every new plan follows it.").wait_for()
    assert active_of(find_rulesets(site.seed.ctx.db)).note == "Nearest warehouse first"

    site.seed.order(1, ("TEE-RED-XL", 1), where="berlin")
    site.seed.work()
    newest = latest_decision(site.seed.ctx.db, 3)
    assert newest is not None and {place for place, _, _ in newest.takes} == {"BER"}
    assert faults == []
    page.context.close()


def test_the_editor_works_without_scripts_and_on_a_phone(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_orders_for_berlin)
    page = site.tab(browser, "operator", width=390, scripts=False)
    page.goto(f"{site.address}/routing")
    page.get_by_role("button", name="Change the rules").click()
    page.get_by_role("combobox", name="Template").select_option("cheapest")
    page.get_by_role("button", name="Add this strategy on top").click()
    page.wait_for_url("**/edit#s0")
    strategies = page.locator(".strategy")
    assert [name.split()[0] for name in strategies.locator("header h2").all_inner_texts()] == ["1.", "2."]
    strategies.nth(0).get_by_label("What", exact=True).first.select_option("country")
    strategies.nth(0).get_by_label("Comparison").first.select_option("any_of")
    strategies.nth(0).get_by_label("Value", exact=True).first.fill("de, at")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("Orders where country is DE or AT: cheapest").first.wait_for()
    page.context.close()
