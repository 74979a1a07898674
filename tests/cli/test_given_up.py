"""What was given up is named with its reason and with the command that tries it again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.kit.contract.base import SHOPPER
from connectors.medusa.sandbox import MedusaSandbox
from hub.settings import load
from hub.store.tables import outbox, stock_pushes
from hub.wiring import Hub
from tests.cli.conftest import Run, stocked

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
AGAIN = "mend the reason, then: stockline connection push live --again; or the page Dead letters (/dead)"


@pytest.fixture
def shop(run: Run, practice: MedusaSandbox) -> MedusaSandbox:
    """A shop with three listings of ours, connected as `live`, that shows 5 of MUG-RED; one order came."""
    stocked(run, practice, MUG_RED=5)
    practice.place_order(SHOPPER, [("MUG-RED", 1)])
    for command in (("connection", "pull", "live"), ("connection", "push", "live")):
        assert run(*command).code == 0, command
    return practice


def found(run: Run, check: str) -> tuple[str, str]:
    """What the doctor found, and how to mend it where it is wrong."""
    (line,) = [line for line in json.loads(run("doctor", "--json").out) if line["check"] == check]
    return line["found"], "" if line["ok"] else line["fix"]


def test_the_doctor_names_stock_numbers_that_were_given_up_and_they_are_tried_again(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    assert found(run, "stock numbers") == ("0 given up", "")
    (listing,) = (row["listing_ref"] for row in json.loads(run("listing", "--json").out) if row["sku"] == "MUG-RED")
    run("stock", "set", "MUG-RED", "BER", "3")
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        db.execute(stock_pushes.update().values(dead=True, error="refused:\n not   yours"))
    assert found(run, "stock numbers") == (f"1 given up: {listing} to live (refused: not yours)", AGAIN)
    assert run("connection", "push", "live").out == "messages: 0, listings: 0\n"
    assert run("connection", "push", "live", "--again").out == "messages: 0, listings: 1\n"
    assert found(run, "stock numbers") == ("0 given up", "")
    assert run("connection", "push", "live", "--again").code == 0


def test_the_doctor_names_the_first_few_messages_that_were_given_up(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        for n in range(5):
            db.execute(outbox.insert().values(
                connection_id=1, order_id=1, topic="shipment", key=f"k{n}", body={}, state="dead", attempts=8,
                due_at=NOW, created_at=NOW, error=f"{n} knows no carrier " + "x" * 200,
            ))  # fmt: skip
    words, fix = found(run, "messages")
    reason = " knows no carrier " + "x" * 131
    assert words == "5 given up: " + "; ".join(
        f"Shipment of order 1 to live ({n}{reason}…)" for n in (4, 3, 2)
    ) + "; and 2 more"  # fmt: skip
    assert fix == AGAIN


@pytest.mark.parametrize("more", [("--sku", "MUG-RED"), ("live", "--sku", "MUG-RED"), ()])
def test_trying_again_needs_one_connection_and_all_of_it(run: Run, shop: MedusaSandbox, more: tuple[str, ...]) -> None:
    done = run("connection", "push", "--again", *more)
    assert (done.code, done.err) == (2, "stockline: --again goes with the name of a connection, and without --sku\n")
