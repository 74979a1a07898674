"""`stockline connection check` and `pull` of a channel that tells refunds apart from its orders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.contract.base import ITEMS, SHOPPER
from hub.ports.channel import RawRecord
from hub.settings import load
from hub.store.inbox import pulled, store_arrivals
from hub.wiring import Hub
from tests.cli.conftest import Run


@pytest.fixture
def seller(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[AmazonSandbox]:
    """A practice seller with goods, connected as `live`."""
    sandbox = AmazonSandbox()
    sandbox.start()
    sandbox.stock_shelves(ITEMS)
    pairs = [text for name, value in sandbox.settings.items() for text in ("--set", f"{name}={value}")]
    for name, value in sandbox.secrets.items():
        monkeypatch.setenv(name.upper(), value)
        pairs += ["--secret", f"{name}=env:{name.upper()}"]
    assert run("warehouse", "add", "BER", "--country", "DE").code == 0
    done = run("connection", "add", "amazon", "live", *pairs)
    assert done.code == 0, done.err
    yield sandbox
    sandbox.stop()


def test_a_pull_brings_refunds_to_their_orders(run: Run, seller: AmazonSandbox) -> None:
    seller.refund(seller.place_order(SHOPPER, [("TEA-GREEN", 2)]), "TEA-GREEN", 1)
    done = json.loads(run("connection", "pull", "live", "--json").out)
    assert (done["received"], done["refunds"], done["read"]) == (1, 1, 2)
    (order,) = json.loads(run("orders", "--json").out)
    assert order["payment"] == "partially_refunded"


def test_without_the_role_the_check_says_what_is_lost_and_a_pull_brings_the_orders(
    run: Run, seller: AmazonSandbox
) -> None:
    seller.login.roles.discard("finance")
    check = run("connection", "check", "live")
    (line,) = [line for line in check.out.splitlines() if "refunds" in line]
    assert (check.code, line.startswith("without   access to refunds: Amazon refused it")) == (0, True)
    assert "has the role Finance and Accounting" in line
    seller.place_order(SHOPPER, [("TEA-GREEN", 2)])
    done = run("connection", "pull", "live")
    assert (done.code, "received: 1, read: 1" in done.out, "refunds:" in done.out) == (0, True, False)
    assert "has the role Finance and Accounting" in done.err
    assert len(json.loads(run("orders", "--json").out)) == 1
    assert run("doctor").out.count("refunds") == 0
    seller.login.roles.add("finance")
    seller.refund(json.loads(run("orders", "--json").out)[0]["number"], "TEA-GREEN", 1)
    assert run("connection", "check", "live").code == 0
    assert json.loads(run("connection", "pull", "live", "--json").out)["refunds"] == 1


def test_a_refund_that_nobody_can_read_is_told_with_what_mends_it_and_can_be_dismissed(
    run: Run, seller: AmazonSandbox, tmp_path: Path
) -> None:
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        record = RawRecord("t1", b'{"transactionType": "Odd"}', kind="refund")
        store_arrivals(db, 1, [pulled(record)], datetime.now(UTC))
    run("connection", "pull", "live")
    (cause,) = json.loads(run("holds", "--json").out)["causes"]
    mark = cause["id"]
    assert cause["commands"] == [f"stockline holds again {mark}", f"stockline holds dismiss {mark}"]
    told = run("holds").out
    assert told.startswith("1 refund waits: cannot read transactionType “Odd” on live\n")
    assert "No order waits for it" in told
    done = run("holds", "dismiss", str(mark))
    assert (done.code, done.out) == (0, "1 put aside, and kept as it came.\n")
    assert run("holds").out == "Nothing is held.\n"
