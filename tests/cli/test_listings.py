"""Links are made to listings that the shop has, and taken away again; filters name what there is."""

from __future__ import annotations

import json

import pytest

from connectors.kit.contract.base import SHOPPER
from connectors.medusa.sandbox import MedusaSandbox
from tests.cli.conftest import Done, Run, stocked


@pytest.fixture
def shop(run: Run, practice: MedusaSandbox) -> MedusaSandbox:
    """A shop with three listings, connected as `live` and not read yet; MUG-RED is a SKU of ours, with 7 pieces."""
    return stocked(run, practice, MUG_RED=7, TEA=4)


def refs(run: Run) -> dict[str, str]:
    """Offered SKU -> reference of the listing."""
    return {row["offered_sku"]: row["listing_ref"] for row in json.loads(run("listing", "--json").out)}


def linked(run: Run) -> dict[str, str | None]:
    return {row["listing_ref"]: row["sku"] for row in json.loads(run("listing", "--json").out)}


def test_a_listing_that_the_shop_does_not_have_is_not_linked(run: Run, shop: MedusaSandbox) -> None:
    line = (
        "stockline: no listing of live was read yet: read them first (stockline connection pull live), then link them\n"
    )
    assert run("listing", "link", "live", "tea-gren", "TEA") == Done(2, "", line)
    assert run("connection", "pull", "live").code == 0
    tea, before = refs(run)["TEA-GREEN"], linked(run)
    done = run("listing", "link", "live", "tea-gren", "TEA")
    assert done == Done(2, "", (
        f"stockline: live has no listing 'tea-gren': called most alike: {tea} (TEA-GREEN, Green tea 测试). If it is "
        "new there, read the listings: stockline connection pull live\n"
    ))  # fmt: skip
    odd = run("listing", "link", "live", "xq", "TEA")
    assert odd.code == 2 and "live has no listing 'xq': none is called alike. If" in odd.err
    assert linked(run) == before
    assert run("listing", "link", "live", tea, "TEA").out == f"live {tea} is TEA; holds released: 0.\n"


def test_a_listing_that_an_order_names_is_linked_though_no_reading_shows_it(run: Run, shop: MedusaSandbox) -> None:
    shop.place_order(SHOPPER, [("TEA-GREEN", 1)])
    run("connection", "pull", "live", "--order", "1")
    (order,) = json.loads(run("orders", "1", "--json").out)
    link = order["holds"][0]["commands"][0].split()
    assert linked(run) == {}, "the listings were never read"
    done = run(*link[1:-1], "TEA")
    assert done.out == f"live {link[4]} is TEA; holds released: 1.\n"


def test_a_link_is_taken_away_and_the_channel_hears_of_no_number(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pull", "live")
    tea = refs(run)["TEA-GREEN"]
    run("listing", "link", "live", tea, "TEA")
    assert run("connection", "push", "live").code == 0
    done = run("listing", "unlink", "live", tea)
    assert done.out.splitlines() == [
        f"live {tea} is TEA no more.",
        "The channel was last told 4 of it, and goes on showing that: set its number there, or say it again with "
        "--zero.",
    ]  # fmt: skip
    assert linked(run)[tea] is None
    run("stock", "set", "TEA", "BER", "2")
    assert run("connection", "push", "live").out == "messages: 0, listings: 0\n"
    again = run("listing", "unlink", "live", tea)
    assert (again.code, again.out.splitlines()[0]) == (
        0, f"live {tea} is no SKU, and stays so until somebody links it, also where it offers one of ours.",
    )  # fmt: skip
    zero = run("listing", "unlink", "live", tea, "--zero").out.splitlines()[1]
    assert zero == "The channel is told 0 of it, once: by a worker, or now with stockline connection push live"
    assert run("connection", "push", "live").out == "messages: 0, listings: 1\n"
    assert run("connection", "push", "live").out == "messages: 0, listings: 0\n"
    assert len(run("listing", "unlink", "live", tea).out.splitlines()) == 1, "it shows 0: there is no more to say"
    assert run("listing", "link", "live", tea, "TEA").code == 0
    assert run("connection", "push", "live").out == "messages: 0, listings: 1\n"


def test_a_reading_does_not_link_again_what_a_person_unlinked(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pull", "live")
    mug = refs(run)["MUG-RED"]
    assert linked(run)[mug] == "MUG-RED"
    assert run("listing", "unlink", "live", mug).out == f"live {mug} is MUG-RED no more.\n"
    run("connection", "pull", "live")
    row = next(row for row in json.loads(run("listing", "--unlinked", "--json").out) if row["listing_ref"] == mug)
    assert row["sku"] is None and row["unlinked_at"].endswith("Z")
    assert run("listing", "link", "live", mug, "MUG-RED").code == 0
    assert linked(run)[mug] == "MUG-RED"


def test_what_is_not_there_cannot_be_unlinked(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pull", "live")
    done = run("listing", "unlink", "live", "MUG-RD")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"stockline: live has no listing 'MUG-RD': called most alike: {refs(run)['MUG-RED']} (")


def test_a_connection_that_is_not_there_lists_nothing(run: Run, shop: MedusaSandbox) -> None:
    line = "stockline: no connection named 'nope'; there are: live\n"
    assert run("listing", "list", "--connection", "nope") == Done(2, "", line)
    assert run("listing", "list", "--connection", "nope", "--json") == Done(2, "", line)
    assert run("listing", "list", "nope").code == 2
    assert run("orders", "--connection", "nope") == Done(2, "", line)
