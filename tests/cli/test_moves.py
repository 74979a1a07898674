"""Commands that move and count stock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def shop(run: Run) -> Run:
    """Two warehouses; 12 mugs in MUC."""
    for code in ("MUC", "BER"):
        run("warehouse", "add", code)
    run("item", "add", "MUG", "--barcode", "4006381333931")
    run("stock", "set", "MUG", "MUC", "12")
    return run


def test_a_transfer_from_draft_to_received(shop: Run) -> None:
    made = shop("transfer", "create", "MUC", "BER", "MUG=5", "--reserve")
    assert made.out.split("\n")[0] == "Transfer 1: MUC to BER, ready."
    assert shop("transfer", "ship", "1", "MUG=4").out.startswith("Transfer 1: MUC to BER, in_transit.")
    refused = shop("transfer", "receive", "1", "MUG=2", "--damaged", "MUG=1")
    assert (refused.code, refused.err) == (
        2, "stockline: pieces that arrived damaged need a reason: say what happened to them\n",
    )  # fmt: skip
    shop("transfer", "receive", "1", "MUG=2", "--damaged", "MUG=1", "--reason", "wet")
    closed = json.loads(shop("transfer", "close", "1", "--reason", "stolen", "--json").out)
    assert (closed["state"], closed["lines"][0]["received"], closed["lines"][0]["lost"]) == ("received", 3, 1)
    rows = {row["warehouse"]: row for row in json.loads(shop("stock", "--json").out)}
    assert (rows["MUC"]["on_hand"], rows["MUC"]["reserved"], rows["BER"]["on_hand"]) == (8, 0, 3)
    assert shop("audit").code == 0
    assert json.loads(shop("transfer", "--json").out)[0]["id"] == 1
    assert shop("transfer").out.split("\n")[1].split()[:6] == ["1", "MUC", "BER", "received", "5", "0"]


def test_a_transfer_is_called_off(shop: Run) -> None:
    shop("transfer", "create", "MUC", "BER", "MUG=5")
    shop("transfer", "reserve", "1")
    assert json.loads(shop("transfer", "cancel", "1", "--reason", "not needed", "--json").out)["state"] == "cancelled"
    assert json.loads(shop("transfer", "show", "1", "--json").out)["state"] == "cancelled"


def test_a_delivery_from_incoming_to_on_hand(shop: Run) -> None:
    made = shop("stock", "incoming", "MUG", "40", "--at", "MUC", "--due", "2030-12-24", "--ref", "PO-7")
    assert made.out == "Delivery 1 (PO-7): MUG in MUC: 0 of 40 received, 40 still expected, due 2030-12-24.\n"
    assert shop("stock", "incoming").out.split("\n")[1].split()[:7] == [
        "1", "MUG", "MUC", "PO-7", "2030-12-24", "40", "0",
    ]  # fmt: skip
    part = shop("stock", "arrive", "1", "30", "--damaged", "1", "--reason", "wet").out
    assert part == "Delivery 1 (PO-7): MUG in MUC: 31 of 40 received, 9 still expected, due 2030-12-24.\n"
    assert shop("stock", "arrive", "1").out == "Delivery 1 (PO-7): MUG in MUC: done, 40 of 40 received (+0).\n"
    assert shop("stock", "incoming", "MUG", "5").err == "stockline: say where it comes to: --at WAREHOUSE\n"
    shop("stock", "incoming", "MUG", "5", "--at", "MUC")
    assert json.loads(shop("stock", "give-up", "2", "--reason", "out", "--json").out)["missing"] == 5
    assert shop("stock", "incoming").out.startswith("Nothing is expected.")
    assert len(json.loads(shop("stock", "incoming", "--all", "--json").out)) == 2
    assert shop("audit").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("transfer", "create", "MUC", "BER", "MUG"), "line 'MUG': write SKU=PIECES, such as MUG-RED=2"),
        (
            ("transfer", "create", "MUC", "BER", "MUG=3", "MUG=2"),
            "line 'MUG=2': MUG is named twice: write it once, with all its pieces",
        ),
        (("count", "enter", "1", "MUG=5", "MUG=6"), "shelf 'MUG=6': MUG is named twice"),
        (("item", "add", "SET", "--kit", "MUG=2", "--kit", "MUG=3"), "--kit 'MUG=3': MUG is named twice"),
        (("transfer", "create", "MUC", "MUC", "MUG=1"), "a transfer from MUC to itself moves nothing"),
        (("transfer", "ship", "7"), "there is no transfer 7"),
    ],
)
def test_what_cannot_be_moved_is_one_line(arguments: tuple[str, ...], words: str, shop: Run) -> None:
    done = shop(*arguments)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


def test_a_count_from_open_to_approved(shop: Run) -> None:
    assert shop("count", "open", "MUC", "MUG").out.startswith("Count 1: MUC, open, 0 of 1 counted.")
    assert shop("count", "scan", "1", "4006381333931", "9").out == "MUG: 9 counted.\n"
    (line,) = json.loads(shop("count", "enter", "1", "MUG=10", "--json").out)["lines"]
    assert (line["counted"], line["expected"]) == (10, None)
    assert json.loads(shop("count", "submit", "1", "--json").out)["fewer"] == 2
    again = json.loads(shop("count", "reject", "1", "--reason", "odd", "--recount", "--json").out)
    assert (again["state"], again["counted"]) == ("open", 0)
    shop("count", "enter", "1", "MUG=11")
    shop("count", "submit", "1")
    done = shop("count", "approve", "1")
    assert (done.code, done.out.split("\n")[0]) == (0, "Count 1: MUC, approved, 1 of 1 counted.")
    assert json.loads(shop("stock", "--json").out)[0]["on_hand"] == 11
    assert json.loads(shop("count", "--json").out)[0]["state"] == "approved"
    assert shop("count", "show", "2").code == 2


def test_a_stock_file_is_shown_and_then_applied(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("货号;仓库;数量\nMUG;MUC;10\nMUG;BER;3\nCUP;BER;1\n", encoding="gb18030")
    shown = shop("stock", "import", str(file))
    assert (shown.code, shown.out.split("\n")[0]) == (
        1, "Import 1: 3 rows: 1 new, 1 changed, 0 same, 1 problem; 3 pieces more, 2 fewer.",
    )  # fmt: skip
    assert "there is no SKU 'CUP'" in shown.out
    assert shown.out.endswith("Nothing was written. Write it: the same command with --apply\n")
    refused = shop("stock", "import", str(file), "--apply")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    done = shop("stock", "import", str(file), "--apply", "--skip-problems", "--json")
    body = json.loads(done.out)
    assert (body["state"], body["applied"], len(body["rows"])) == (
        "applied", {"rows": 2, "more": 3, "fewer": 2, "late": 0}, 3,
    )  # fmt: skip
    assert {row["warehouse"]: row["on_hand"] for row in json.loads(shop("stock", "--json").out)} == {
        "MUC": 10, "BER": 3,
    }  # fmt: skip


def test_the_very_same_delivery_is_added_once(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "delivery.csv"
    file.write_text("sku,quantity\nMUG,5\n")
    add = ("stock", "import", str(file), "--warehouse", "MUC", "--mode", "add", "--apply")
    assert shop(*add).out.endswith("Applied: 1 rows, 5 pieces more, 0 fewer, 0 too late.\n")
    again = shop(*add)
    assert again.err == "This very file was applied before, and is not applied twice; --key NAME makes it another.\n"
    assert "Nothing was written now. Applied on 20" in again.out and "\nApplied: " not in again.out
    assert json.loads(shop("stock", "--json").out)[0]["on_hand"] == 17
    shop(*add, "--key", "second van")
    assert json.loads(shop("stock", "--json").out)[0]["on_hand"] == 22


def test_what_may_be_a_slip_of_the_hand_needs_yes(shop: Run) -> None:
    refused = shop("stock", "set", "MUG", "MUC", "1200000")
    assert (refused.code, refused.err) == (
        2, "stockline: MUG in MUC: 1200000 pieces would lie there, and 12 do now: look at the number again; "
           "if it is meant, say yes (--yes)\n",
    )  # fmt: skip
    assert shop("stock", "set", "MUG", "MUC", "1200000", "--yes").out == "MUG in MUC: 1200000 on hand (+1199988).\n"
    old = ("stock", "add", "MUG", "BER", "5", "--lot", "L1", "--expires-on", "2020-01-31")
    assert "lot L1 of MUG was good until 2020-01-31 only" in shop(*old).err
    assert shop(*old, "--yes").out == "MUG in BER, lot L1: 5 on hand (+5).\n"
    assert "count each lot by its name" in shop("stock", "set", "MUG", "BER", "5").err
    assert shop("stock", "set", "MUG", "BER", "2", "--lot", "-").out == "MUG in BER: 2 on hand (+2).\n"


def test_a_dealer_gets_a_key_for_his_own_feed(shop: Run) -> None:
    assert shop("connection", "add", "feed", "dealer").code == 0
    assert shop("connection", "check", "dealer").out == "ok        nothing to reach: the dealer asks by himself\n"
    made = shop("connection", "key", "dealer", "--days", "30")
    assert (made.code, made.out[:3]) == (0, "sl_")
    assert "/api/v1/connections/dealer/stock/changes" in made.err
    assert shop("connection", "key", "nope").code == 2
    assert json.loads(shop("connection", "push", "dealer", "--json").out) == {"messages": 0, "listings": 0}


def test_proposals_are_listed_and_what_is_not_there_is_one_line(shop: Run) -> None:
    assert shop("proposals", "--refresh").out == "No proposals: no order waits for stock that could come.\n"
    assert json.loads(shop("proposals", "--json").out) == []
    assert shop("proposals", "accept", "1").err == "stockline: there is no proposal 1\n"
    assert shop("proposals", "dismiss", "1", "--reason", "x").err == "stockline: there is no proposal 1\n"
