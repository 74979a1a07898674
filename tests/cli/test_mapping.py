"""`stockline mapping`: what it prints, and one clear line where something cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.cli.shared import opened
from hub.settings import load
from tests.cli.conftest import Run
from tests.fakes.mapped_shop import Shop

UNKNOWN = (
    "status = 'awaiting-pickup': unknown status: add a row to tables/status.csv, or the setting "
    "status.awaiting-pickup=<a value it has>"
)


@pytest.fixture
def shop(run: Run) -> Run:
    """A hub with one WooCommerce shop, an order that was read, and one that waits with a status nobody knows."""
    with opened(load()) as hub:
        made = Shop(hub)
        made.arrive(1)
        made.arrive(2, status="awaiting-pickup")
    return run


def test_a_row_from_draft_to_activation_and_back(shop: Run) -> None:
    made = shop("mapping", "draft", "shop", "--row", "status=awaiting-pickup,open,paid,", "--note", "pickup")
    assert made.out == "Version 1 is a draft. Try it: stockline mapping dry-run shop 1\n"
    tried = shop("mapping", "dry-run", "shop", "1")
    assert (tried.code, tried.out.splitlines()) == (0, [
        "mended   W2", f"         now: {UNKNOWN}",
        "2 messages read: 0 would change, 1 mended, 0 broken, 0 still not read.",
    ])  # fmt: skip
    assert shop("mapping", "activate", "shop", "1").out.splitlines() == [
        "Version 1 is active.", "1 held messages wait. Read them again: stockline mapping replay shop",
    ]  # fmt: skip
    assert shop("mapping", "replay", "shop").out == "1 held messages are read again.\n"
    assert shop("mapping", "rollback", "shop", "0").out == "Version 2 is active; it says what version 0 said.\n"
    assert shop("mapping", "diff", "shop", "1", "2").out == (
        'tables › status: no longer {"awaiting-pickup": "open, paid, –"}\n'
    )
    assert [row["state"] for row in json.loads(shop("mapping", "show", "shop", "--json").out)] == [
        "active", "retired", "retired",
    ]  # fmt: skip


def test_yaml_of_ones_own_is_tried_and_changed(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("order: {note: {const: ring}}\n")
    assert shop("mapping", "draft", "shop", "--yaml", f"orders={file}", "--json").out == '{\n  "version": 1\n}\n'
    assert "changed  W1\n         note: null → ring\n" in shop("mapping", "dry-run", "shop", "1").out
    file.write_text("order: {currency: {const: USD}, number: {read: parcel, required: true}}\n")
    assert shop("mapping", "edit", "shop", "1", "--yaml", f"orders={file}").out == "Version 1 was changed.\n"
    told = shop("mapping", "dry-run", "shop", "1", "--json")
    found = json.loads(told.out)
    assert (told.code, found["broken"], found["stuck"]) == (1, 1, 1)
    assert [(one["number"], one["verdict"], one["after"]) for one in found["data"]] == [
        ("2", "stuck", "parcel = 'null': is required"), ("W1", "broken", "parcel = 'null': is required"),
    ]  # fmt: skip
    refused = shop("mapping", "activate", "shop", "1")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("stockline: with mapping version 1, 1 orders cannot be read that are read now")
    assert shop("mapping", "activate", "shop", "1", "--force", "--replay").out.splitlines() == [
        "Version 1 is active.", "1 held messages are read again.",
    ]  # fmt: skip
    same = shop("mapping", "draft", "shop")
    assert (same.code, same.err) == (
        2, "stockline: it says what version 1 says, which is active: change something first\n",
    )  # fmt: skip
    assert shop("mapping", "draft", "shop", "--from", "0", "--row", "status=awaiting-pickup,open,paid,").code == 0
    assert shop("mapping", "retire", "shop", "2").out == "Version 2 is retired.\n"


def test_money_is_changed_only_with_a_word_and_what_changes_is_told(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("order: {total: {const: 7843}}\n")
    shop("mapping", "draft", "shop", "--yaml", f"orders={file}")
    tried = shop("mapping", "dry-run", "shop", "1").out.splitlines()
    assert tried[-1].startswith("2 messages read: 1 would change (1 in money or currency), 0 mended, ")
    (first,) = (line.strip() for line in tried if line.strip().startswith("total: "))
    refused = shop("mapping", "activate", "shop", "1")
    assert (refused.code, refused.out, refused.err) == (
        2, "", f"stockline: with mapping version 1, money or currency of 1 orders would change (W1: {first}): look at "
        "its dry run, and mend it or force it\n",
    )  # fmt: skip
    assert shop("mapping", "activate", "shop", "1", "--force").out.splitlines()[:3] == [
        "Version 1 is active.",
        "1 of 2 messages read otherwise now, 1 of them in money or currency; for example:",
        f"  W1: {first}",
    ]


def test_what_changes_no_money_is_told_and_needs_no_force(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("order: {note: {const: ring}}\n")
    shop("mapping", "draft", "shop", "--yaml", f"orders={file}")
    assert shop("mapping", "activate", "shop", "1").out.splitlines()[1:3] == [
        "1 of 2 messages read otherwise now, 0 of them in money or currency; for example:", "  W1: note: null → ring",
    ]  # fmt: skip


def test_what_is_sent_is_changed_only_with_a_word_and_a_way_back_says_what_changes(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("order: {status: {const: cancelled}}\n")
    shop("mapping", "draft", "shop", "--yaml", f"orders={file}")
    refused = shop("mapping", "activate", "shop", "1")
    assert refused.err.startswith("stockline: with mapping version 1, what is sent, or whether, would change for 1 ")
    assert shop("mapping", "activate", "shop", "1", "--force").out.splitlines()[1:3] == [
        "1 of 2 messages read otherwise now, 0 of them in money or currency, 1 in what is sent; for example:",
        "  W1: status: open → cancelled",
    ]
    assert shop("mapping", "rollback", "shop", "0").out.splitlines() == [
        "Version 2 is active; it says what version 0 said.",
        "1 of 2 messages read otherwise now, 0 of them in money or currency, 1 in what is sent; for example:",
        "  W1: status: cancelled → open",
    ]


def test_a_mistake_is_one_line_with_its_place(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("order:\n  totl: total\n")
    told = shop("mapping", "draft", "shop", "--yaml", f"orders={file}")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("stockline: orders.yaml (yours):2:3: unknown key 'totl' (did you mean 'total'?)")
    assert shop("mapping", "draft", "shop", "--row", "status=x,opne,,").err == (
        "stockline: tables/status.csv (yours):1:2: 'opne' is no status (did you mean 'open'?); there are: open, "
        "cancelled, closed\n"
    )
    assert shop("mapping", "draft", "shop", "--row", "status").err == "stockline: --row 'status': write NAME=VALUE\n"
    assert "cannot be read" in shop("mapping", "draft", "shop", "--yaml", "orders=/no/such").err
    assert shop("mapping", "dry-run", "shop", "9").err == (
        "stockline: there is no mapping version 9 of this connection: see stockline mapping show NAME\n"
    )


def test_the_built_in_mapping_is_printed_to_begin_with(shop: Run) -> None:
    said = shop("mapping", "show", "shop", "--built-in").out
    assert "# orders.yaml\n" in said and "# tables/status.csv\nvalue,status,payment,fulfillment\n" in said
    assert json.loads(shop("mapping", "show", "shop", "0").out) == {"files": {}, "tables": {}}
