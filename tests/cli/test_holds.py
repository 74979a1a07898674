"""What is held is told with its cause, since when, and what mends it; in the words of the page Holds."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.kit.contract.base import SHOPPER
from connectors.medusa.sandbox import MedusaSandbox
from hub.ports.channel import RawRecord
from hub.settings import load
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.fix_holds import hold_order
from hub.wiring import Hub
from tests.cli.conftest import Done, Run, stocked


@pytest.fixture
def shop(run: Run, practice: MedusaSandbox) -> MedusaSandbox:
    """A shop with goods, connected as `live`, of which only MUG-RED is a SKU of ours, with 7 pieces."""
    return stocked(run, practice, MUG_RED=7)


UNKNOWN = (
    "  Nobody has said yet which of our SKUs this listing sells.",
    "  The listing “Mug, blue / Default” ({ref}) sells no SKU of ours yet. Say which one it is, or add MUG-BLUE, which "
    "it offers, as a new one: the link is kept, and everything that waits for it runs again.",
    "  Do you mean … MUG-RED (, {score})",
    "  → stockline listing link live {ref} SKU",
    "  → stockline item add MUG-BLUE",
)
SHORT = (
    "  3 of 9 missing: receive stock of MUG-RED, and the orders that wait for it run again",
    "  Receive or count MUG-RED, or free pieces of it where they lie: the orders run again by themselves, "
    "oldest first.",
    "  → stockline stock add MUG-RED WAREHOUSE PIECES",
)


@pytest.fixture
def held(run: Run, shop: MedusaSandbox) -> str:
    """Order 1 wants an unknown SKU, order 2 more than there is, order 3 is fine; the listing that nobody linked."""
    for goods in ([("MUG-BLUE", 2)], [("MUG-RED", 9)], [("MUG-RED", 1)]):
        shop.place_order(SHOPPER, goods)
    done = run("connection", "pull", "live")
    assert (done.code, done.out.splitlines()) == (
        0,
        ["listings: 3, received: 3, read: 3, placed: 1, held: 2", "What is held, and what mends it: stockline holds"],
    )  # fmt: skip
    assert json.loads(run("connection", "pull", "live", "--json").out)["held"] == 0, "they were held before"
    (ref,) = (
        row["listing_ref"] for row in json.loads(run("listing", "--json").out) if row["offered_sku"] == "MUG-BLUE"
    )
    return str(ref)


def plain(text: str) -> list[str]:
    """Lines without the time and without how alike a suggestion is."""
    return re.sub(
        r"\d+ %|\d+%", "{score}", re.sub(r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC", "since T", text)
    ).splitlines()


def test_causes_are_told_with_what_mends_them(run: Run, held: str) -> None:
    unknown = [line.format(ref=held, score="{score}") for line in UNKNOWN]
    assert plain(run("holds").out) == [
        "1 order waits: SKU “MUG-BLUE” is unknown on live", "  since T; orders: 1", *unknown, "",
        "1 order waits for stock of MUG-RED", "  since T; orders: 2", *SHORT, "",
        "Causes: 2 (1 Unknown SKU, 1 Not enough stock); shown: 2.",
    ]  # fmt: skip
    only = json.loads(run("holds", "list", "--kind", "short", "--json").out)
    assert (only["counts"]["all"], [cause["fingerprint"] for cause in only["causes"]]) == (2, ["short:MUG-RED"])
    assert only["causes"][0]["commands"] == ["stockline stock add MUG-RED WAREHOUSE PIECES"]
    assert (only["causes"][0]["numbers"], only["causes"][0]["mend"]) == (["2"], SHORT[1].strip())
    assert run("holds", "--kind", "odd").code == 2


def test_an_order_says_why_it_is_held_and_what_mends_it(run: Run, held: str) -> None:
    assert plain(run("orders", "2").out)[2:] == ["2 is held since T: Not enough stock: MUG-RED", *SHORT]
    (row,) = json.loads(run("orders", "1", "--json").out)
    (hold,) = row["holds"]
    assert (hold["kind"], hold["value"]) == ("unknown_sku", "MUG-BLUE") and hold["since"].endswith("Z")
    assert hold["commands"] == [f"stockline listing link live {held} SKU", "stockline item add MUG-BLUE"]
    assert json.loads(run("orders", "3", "--json").out)[0]["holds"] == []
    assert "held" not in run("orders", "3").out


def test_an_explanation_says_what_holds_the_order(run: Run, held: str) -> None:
    told = plain(run("route", "--explain", "2").out)
    assert told[0].startswith("2: Not enough stock anywhere: 3 of 9 pieces are missing")
    assert told[-4:] == ["2 is held since T: Not enough stock: MUG-RED", *SHORT]
    never = run("route", "--explain", "1")
    assert (never.code, plain(never.out)[:2]) == (
        0, ["1 was not routed yet: it is held.", "1 is held since T: Unknown SKU: MUG-BLUE"],
    )  # fmt: skip
    data = json.loads(run("route", "--explain", "1", "--json").out)
    assert (data["outcome"], [hold["kind"] for hold in data["holds"]]) == (None, ["unknown_sku"])
    assert [hold["kind"] for hold in json.loads(run("route", "--explain", "2", "--json").out)["holds"]] == ["short"]
    assert run("route", "--explain", "1", "--what-if", "BER").code == 2


def test_the_command_that_is_told_mends_the_cause(run: Run, held: str) -> None:
    assert run("item", "add", "BLUE").code == 0 and run("stock", "set", "BLUE", "BER", "5").code == 0
    assert run("listing", "link", "live", held, "BLUE").out.endswith("holds released: 1.\n")
    assert run("stock", "add", "MUG-RED", "BER", "5").code == 0
    run("connection", "pull", "live")
    assert run("holds").out == "Nothing is held.\n"
    assert [row["state"] for row in json.loads(run("orders", "--json").out)] == ["routed"] * 3


def test_the_sku_that_a_listing_offers_is_added_as_told_and_the_order_runs(run: Run, held: str) -> None:
    link, add = json.loads(run("orders", "1", "--json").out)[0]["holds"][0]["commands"]
    assert run(*add.split()[1:]).code == 0
    run("connection", "pull", "live")
    assert json.loads(run("holds", "--json").out)["counts"]["unknown_sku"] == 0
    (row,) = (row for row in json.loads(run("listing", "--json").out) if row["listing_ref"] == link.split()[4])
    assert row["sku"] == "MUG-BLUE"


def test_what_a_person_unlinked_is_not_told_to_be_added(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pull", "live")
    mug = next(row["listing_ref"] for row in json.loads(run("listing", "--json").out) if row["sku"] == "MUG-RED")
    run("listing", "unlink", "live", mug)
    shop.place_order(SHOPPER, [("MUG-RED", 1)])
    run("connection", "pull", "live")
    (cause,) = json.loads(run("holds", "--json").out)["causes"]
    assert (cause["offered_sku"], cause["commands"]) == ("MUG-RED", [f"stockline listing link live {mug} SKU"])


def test_what_was_held_by_hand_is_told_and_released(run: Run, held: str, tmp_path: Path) -> None:
    (order,) = json.loads(run("orders", "3", "--json").out)
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        hold_order(hub.context(), order["id"], "the customer asked to wait", "user:1")
    (hold,) = json.loads(run("orders", "3", "--json").out)[0]["holds"]
    mark = str(hold["id"])
    assert hold["fingerprint"] == f"by_hand:{order['id']}"
    assert plain(run("orders", "3").out)[2:] == [
        "3 is held since T: Held by hand", "  the customer asked to wait",
        "  A person held it, and a person releases it.", f"  → stockline holds again {mark}",
    ]  # fmt: skip
    assert run("holds", "again", mark).out == "1 run again; what still fails is held anew.\n"
    gone = "stockline: nothing is held with the number {} (any more): stockline holds lists what is\n"
    assert run("holds", "again", mark).err == gone.format(mark)
    assert json.loads(run("orders", "3", "--json").out)[0]["state"] == "routed"


def test_one_order_that_is_pulled_says_what_holds_it(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pull", "live")
    ref = shop.place_order(SHOPPER, [("MUG-RED", 9)])
    assert (
        plain(run("connection", "pull", "live", "--order", ref).out)[-4]
        == "1 is held since T: Not enough stock: MUG-RED"
    )


@pytest.mark.parametrize("number", ["99999", "list", "live/99"])
def test_an_order_that_is_not_here_is_one_line(run: Run, shop: MedusaSandbox, number: str) -> None:
    line = f"stockline: there is no order '{number}': stockline orders lists those that there are\n"
    for json_too in ((), ("--json",)):
        assert run("orders", number, *json_too) == Done(2, "", line)
    assert run("route", "--explain", number).err == line
    assert run("orders").out == "No orders.\n"


def test_an_order_is_found_by_every_name_and_filters_that_leave_it_out_are_said(run: Run, held: str) -> None:
    (row,) = json.loads(run("orders", "3", "--json").out)
    for name in ("#3", "live/3", row["channel_ref"]):
        (same,) = json.loads(run("orders", name, "--json").out)
        assert same["id"] == row["id"]
    done = run("orders", "3", "--state", "held")
    assert done == Done(2, "", "stockline: order 3 is not among these: leave --state and --connection out\n")


def test_messages_that_nobody_could_read_are_run_again(run: Run, shop: MedusaSandbox) -> None:
    for command in ("again", "dismiss"):
        done = run("holds", command, "bad_record:1:x:y")
        assert (done.code, done.err) == (2, "stockline: nothing is held with the fingerprint 'bad_record:1:x:y'\n")


def arrived(tmp_path: Path, ref: str, raw: bytes) -> None:
    """A message of the shop, which nobody read yet."""
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        store_arrivals(db, 1, [pulled(RawRecord(ref, raw))], datetime.now(UTC))


def test_an_order_whose_message_cannot_be_read_is_told_with_why(run: Run, held: str, tmp_path: Path) -> None:
    arrived(tmp_path, "order_77", b'{"id":"order_77","display_id":4077,"status":"in-orbit","items":[]}')
    run("connection", "pull", "live")
    causes = plain(run("holds", "--kind", "bad_record").out)
    mended = [line.replace("since T; ", "") for line in causes[2:-2]]
    assert len(mended) >= 3 and "order_77" not in causes[0]
    (mark,) = (cause["id"] for cause in json.loads(run("holds", "--kind", "bad_record", "--json").out)["causes"])
    for asked in ("order_77", "#order_77", "live/order_77"):
        told = run("orders", asked)
        assert (told.code, plain(told.out)) == (
            0, ["A message of live (order_77) could not be read, and is held since T:", *mended],
        )  # fmt: skip
    by_number = plain(run("orders", "#4077").out)
    first = "A message of live (order_77) names #4077 and could not be read, and is held since T:"
    assert by_number == [first, *mended]
    (row,) = json.loads(run("orders", "4077", "--json").out)
    assert (row["id"], row["connection"], row["channel_ref"], row["state"]) == (None, "live", "order_77", "held")
    assert [hold["id"] for hold in row["holds"]] == [mark]
    assert run("orders", "407").code == run("orders", "4077", "--state", "shipped").code == 2
    assert run("orders", "in").code == 2, "too short to be looked for in texts"


def test_an_order_whose_newest_message_cannot_be_read_says_so(run: Run, held: str, tmp_path: Path) -> None:
    (order,) = json.loads(run("orders", "3", "--json").out)
    arrived(tmp_path, order["channel_ref"], b'{"id":"%s","status":"in-orbit"}' % order["channel_ref"].encode())
    run("connection", "pull", "live")
    told = plain(run("orders", "3").out)
    assert f"A message of live ({order['channel_ref']}) could not be read, and is held since T:" in told
    (row,) = json.loads(run("orders", "3", "--json").out)
    assert (row["state"], [hold["kind"] for hold in row["holds"]]) == ("routed", ["bad_record"])
