"""`stockline selling`, `stock mark` and `stock explain`: what they print, and where they say no."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from hub.settings import load
from hub.store import migrate
from hub.store.tables import connections, hot_skus, listings, warehouses
from hub.wiring import Hub
from tests.cli.conftest import Run

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path, run: Run) -> Run:
    """A warehouse, one SKU with 10 pieces of a lot, and a shop that sells it."""
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        migrate.upgrade(hub.db)
        with hub.db.write() as db:
            row = {"name": "shop", "channel": "nowhere", "settings": {}, "secrets": {}, "state": "active",
                   "state_reason": "", "on_shortage": "hold", "created_at": NOW, "updated_at": NOW}  # fmt: skip
            cid = db.execute(insert(connections).values(row).returning(connections.c.id)).scalar_one()
            db.execute(insert(listings).values(
                connection_id=cid, listing_ref="L1", sku="MUG", units=1, title="", barcode="", place={}, buffer=1,
                stocked=True, seen_at=NOW,
            ))  # fmt: skip
    for command in (("warehouse", "add", "MUC"), ("item", "add", "MUG"),
                    ("stock", "add", "MUG", "MUC", "10", "--lot", "L7", "--expires-on", "2099-12-31")):  # fmt: skip
        assert run(*command).code == 0
    return run


def test_pieces_are_marked_and_the_number_is_explained(shop: Run) -> None:
    said = shop("stock", "mark", "MUG", "MUC", "2", "--to", "damaged", "--reason", "dropped", "--lot", "L7")
    assert said.out == "MUG in MUC, lot L7: 2 pieces from free to damaged.\n"
    lines = shop("stock", "explain", "MUG").out.splitlines()
    assert lines[0].startswith("shop L1 (MUG), as of ")
    assert lines[2].startswith("    MUC: 10 on hand - 2 damaged = 8 [computed ")
    assert lines[3:] == [
        "    sellable: 8 pieces, 8 units",
        "  units of the scarcest component: 8",
        "  buffer of the listing: -1",
        "  number: 7",
        "  last told: nothing yet",
    ]
    (body,) = json.loads(shop("stock", "explain", "MUG", "--json").out)
    assert (body["number"], body["components"][0]["places"][0]["damaged"]) == (7, 2)


def test_terms_are_set_listed_and_forgotten(shop: Run) -> None:
    said = [
        shop("selling", *words).out
        for words in (
            ("policy", "MUG", "backorder", "--units", "5"),
            ("pool", "shop", "exclusive", "--sku", "MUG", "--units", "4"),
            ("buffer", "--warehouse", "MUC", "--units", "2"),
            ("life", "30", "--connection", "shop"),
            ("freshness", "MUC", "--hours", "24"),
        )
    ]
    assert said == [
        "MUG on all connections: backorder.\n", "MUG on shop: exclusive.\n", "Added buffer rule 1.\n",
        "Lots must be good for 30 days on shop.\n", "MUC: stale after 24 hours (freeze).\n",
    ]  # fmt: skip
    rows = json.loads(shop("selling", "list", "--json").out)
    assert [(row["kind"], row["sku"]) for row in rows] == [
        ("policy", "MUG"), ("pool", "MUG"), ("buffer", None), ("life", ""),
    ]  # fmt: skip
    assert "units 5" in shop("selling", "list").out
    for words in (("policy", "MUG", "none"), ("pool", "shop", "none", "--sku", "MUG"), ("buffer", "--drop", "1"),
                  ("life", "0", "--connection", "shop", "--drop"), ("freshness", "MUC")):  # fmt: skip
        assert shop("selling", *words).code == 0
    assert json.loads(shop("selling", "list", "--json").out) == []


def test_what_cannot_be_is_one_line_and_exit_code_2(shop: Run) -> None:
    done = shop("selling", "policy", "CUP", "backorder", "--units", "1")
    assert (done.code, done.err) == (2, "stockline: there is no SKU 'CUP': add it first (stockline item add CUP)\n")
    assert shop("stock", "mark", "MUG", "MUC", "2", "--to", "damaged", "--reason", "x").code == 2
    assert shop("stock", "add", "MUG", "MUC", "--", "-1").err == (
        "stockline: MUG in MUC: 0 on hand, 0 promised to orders; -1 would be too few: "
        "pieces lie in lot L7: say which lot is meant\n"
    )


def test_the_doctor_tells_hot_skus_and_calls_nothing_wrong_for_it(shop: Run, tmp_path: Path) -> None:
    def line() -> dict[str, object]:
        lines = json.loads(shop("doctor", "--json").out)
        return next(line for line in lines if line["check"] == "hot SKUs")

    assert (line()["ok"], line()["found"]) == (True, "none")
    soon = datetime.now(UTC) + timedelta(hours=1)
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        row = {"since": NOW, "until": soon, "conflicts": 0}
        db.execute(insert(hot_skus).values(row | {"sku": "MUG", "permille": 345}))
        db.execute(insert(hot_skus).values(row | {"sku": "TEE", "permille": 0, "single_until": soon}))
    assert (line()["ok"], line()["found"]) == (
        True,
        f"MUG since {NOW:%Y-%m-%d %H:%M} UTC: 34.5 % of the lines; its orders are added up in batches; "
        f"TEE since {NOW:%Y-%m-%d %H:%M} UTC: workers took its stock from each other; "
        "one worker at a time takes its orders in",
    )


def test_the_doctor_names_warehouses_whose_numbers_are_too_old(shop: Run, tmp_path: Path) -> None:
    def numbers() -> dict[str, object]:
        lines = json.loads(shop("doctor", "--json").out)
        return next(line for line in lines if line["check"] == "warehouse numbers")

    assert (numbers()["ok"], numbers()["found"]) == (True, "fresh")
    assert shop("selling", "freshness", "MUC", "--hours", "1").code == 0
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        db.execute(update(warehouses).values(fed_at=NOW - timedelta(days=365)))
    assert (numbers()["ok"], numbers()["found"]) == (False, "too old: MUC")
