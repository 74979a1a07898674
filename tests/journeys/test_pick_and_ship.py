"""A picker ships from the phone page at 390 px: typed scans, a wrong one, an undo, pack, label, done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hub.reports.order import read_order
from hub.reports.picks import read_pick
from hub.store.tables import outbox, shipments
from hub.usecases.audit_stock import audit_stock
from hub.usecases.manage_catalog import save_warehouse
from tests.fixtures.seed import Seeded
from tests.fixtures.site import Site, scan

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MakeSite = Callable[[Callable[[Seeded], object]], Site]
MUG = "4006381333955"


def _two_lists(seed: Seeded) -> None:
    shop = seed.connect("tmall-flagship")
    seed.item("TEE-RED-XL", "Organic T-shirt, red, XL", "4006381333931", SZX=10)
    seed.item("MUG-BLUE", "Mug, blue glaze", MUG, SZX=10)
    seed.item("LAMP-OAK", "Desk lamp", BER=10)
    for sku in ("TEE-RED-XL", "MUG-BLUE", "LAMP-OAK"):
        seed.list_item(shop, sku)
    seed.order(shop, ("TEE-RED-XL", 2), ("MUG-BLUE", 1))
    seed.order(shop, ("MUG-BLUE", 2))
    seed.order(shop, ("LAMP-OAK", 1), where="berlin")
    seed.work()


def test_a_picker_scans_packs_and_ships_and_goes_on_to_the_next_list(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_two_lists)
    page = site.tab(browser, "warehouse", width=390)

    page.goto(f"{site.address}/")
    page.wait_for_url(f"{site.address}/pick")
    assert page.locator(".pick-card").count() == 2  # the lamp is in Berlin
    page.get_by_role("button", name="Start picking").click()
    scan(page, "4006381333931", "TEE-RED-XL: counted")
    scan(page, "LAMP-OAK", "LAMP-OAK is not on this list")
    scan(page, MUG, "MUG-BLUE: counted")
    scan(page, MUG, f"{MUG}: all 1 are picked already")
    scan(page, "TEE-RED-XL", "TEE-RED-XL: counted")
    assert page.locator("[data-sku=TEE-RED-XL] .tally").inner_text().split() == ["2", "/", "2"]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    page.get_by_role("button", name="All picked: pack it").click()
    page.get_by_label("Carrier").fill("SF Express")
    page.get_by_label("Tracking number").fill("SF1090000000009")
    page.keyboard.press("Enter")
    page.get_by_text("Shipped with SF Express SF1090000000009.").wait_for()

    facts = read_order(site.seed.ctx.db, 1)
    assert facts.summary.state == "shipped"
    assert [(p.carrier, p.tracking_no, p.lines) for p in facts.parcels] == [
        ("SF Express", "SF1090000000009", (("MUG-BLUE", 1), ("TEE-RED-XL", 2)))
    ]
    with site.seed.ctx.db.read() as db:
        assert db.execute(select(outbox.c.topic, outbox.c.state)).all() == [("shipment", "new")]
    assert audit_stock(site.seed.ctx).mismatches == ()
    page.get_by_role("link", name="Next list").click()
    page.wait_for_url(f"{site.address}/pick/2")
    page.context.close()


def test_a_scan_is_undone_a_piece_is_missing_and_the_rest_goes_in_a_partial_parcel(
    browser: Browser, make_site: MakeSite
) -> None:
    site = make_site(_two_lists)
    page = site.tab(browser, "warehouse", width=390)
    page.goto(f"{site.address}/pick/1")
    scan(page, "TEE-RED-XL", "TEE-RED-XL: counted")
    scan(page, MUG, "MUG-BLUE: counted")
    page.locator("[data-sku=MUG-BLUE]").get_by_role("button", name="Undo one").click()
    page.get_by_text("MUG-BLUE: one piece less").wait_for()
    page.get_by_text("Send the 1 piece in hand now, the rest later").click()
    page.get_by_label("Tracking number").fill("PART-1")
    page.get_by_role("button", name="Ship these pieces").click()
    page.get_by_text("1 of them have left").wait_for()
    with site.seed.ctx.db.read() as db:
        assert db.scalars(select(shipments.c.tracking_no)).all() == ["PART-1"]

    mug = page.locator("[data-sku=MUG-BLUE]")
    mug.get_by_text("Not on the shelf").click()
    mug.get_by_role("button", name="Say it is missing").click()
    page.get_by_text("Noted: the stock was corrected").wait_for()
    sheet = read_pick(site.seed.ctx.db, 1)
    assert {line.sku: (line.asked, line.shipped, line.missing) for line in sheet.lines} == {
        "TEE-RED-XL": (2, 1, 0), "MUG-BLUE": (0, 0, 1),
    }  # fmt: skip
    assert audit_stock(site.seed.ctx).mismatches == ()
    page.context.close()


def test_a_second_picker_takes_a_list_over_and_the_first_ones_phone_says_so(
    browser: Browser, make_site: MakeSite
) -> None:
    site = make_site(_two_lists)
    first, second = site.tab(browser, "warehouse", width=390), site.tab(browser, "admin", width=390)
    first.goto(f"{site.address}/pick/1")
    scan(first, "TEE-RED-XL", "TEE-RED-XL: counted")

    second.goto(f"{site.address}/pick/1")
    second.get_by_text("is picking this list").wait_for()
    second.get_by_text("1 of 3 pieces counted so far.").wait_for()
    assert (second.locator("#scan").count(), second.get_by_text("Not on the shelf").count()) == (0, 0)
    assert second.evaluate("document.documentElement.scrollWidth") == 390
    second.get_by_role("button", name="Take over").click()
    second.locator("dialog[open]").get_by_role("button", name="Take over").click()
    second.get_by_text("It is yours now").wait_for()

    first.get_by_text("Taken over by admin").wait_for()
    first.locator("#scan").wait_for(state="hidden")
    first.locator("#scan").evaluate("field => { field.value = 'TEE-RED-XL'; field.form.requestSubmit(); }")
    first.locator(".said", has_text="Taken over by admin").wait_for()
    scan(second, "TEE-RED-XL", "TEE-RED-XL: counted")
    sheet = read_pick(site.seed.ctx.db, 1)
    assert {line.sku: line.picked for line in sheet.lines} == {"TEE-RED-XL": 2, "MUG-BLUE": 0}
    first.context.close()
    second.context.close()


def _asked(seed: Seeded) -> None:
    """The same lists, in a warehouse that has 45 minutes to accept one."""
    save_warehouse(seed.ctx, "SZX", actor="test", accept_minutes=45)
    _two_lists(seed)


def test_a_warehouse_accepts_one_list_and_refuses_the_next(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_asked)
    page = site.tab(browser, "warehouse", width=390)
    page.goto(f"{site.address}/pick")
    assert page.get_by_text("Not accepted yet").count() == 2
    page.goto(f"{site.address}/pick/1")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("Accepted: it stays with you.").wait_for()
    assert page.get_by_text("Will your warehouse do this list?").count() == 0

    page.goto(f"{site.address}/pick/2")
    page.get_by_text("Refuse", exact=True).click()
    page.get_by_label("Reason", exact=True).select_option("busy")
    page.get_by_label("Note").fill("two of us are ill")
    page.get_by_role("button", name="Send it back").click()
    page.locator("dialog[open]").get_by_role("button", name="Send it back").click()
    page.get_by_text("Sent back: another warehouse is looked for.").wait_for()
    assert [read_pick(site.seed.ctx.db, n).card.request_status for n in (1, 2)] == ["accepted", "rejected"]
    page.context.close()


def test_without_scripts_the_scan_form_still_counts(browser: Browser, make_site: MakeSite) -> None:
    site = make_site(_two_lists)
    page = site.tab(browser, "warehouse", scripts=False)
    page.goto(f"{site.address}/pick/2")
    page.get_by_label("Scan a piece").fill("MUG-BLUE")
    page.get_by_role("button", name="Count").click()
    page.locator(".said", has_text="MUG-BLUE: counted").wait_for()
    assert page.locator("[data-sku=MUG-BLUE] .tally").inner_text().split() == ["1", "/", "2"]
    page.context.close()
