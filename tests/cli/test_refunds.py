"""`stockline connection check` and `pull` of a channel that tells refunds apart from its orders."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from connectors.amazon.sandbox import AmazonSandbox
from connectors.kit.contract.base import ITEMS, SHOPPER
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
