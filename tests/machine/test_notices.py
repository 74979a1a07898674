"""The promises themselves can fail: what is broken behind the hub's back is seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.store import tables as t
from tests.machine import promises
from tests.machine.company import Company
from tests.machine.databases import opener


@pytest.fixture
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    """Six orders came; the first has left, and its channel was told."""
    with opener("sqlite", request)() as db:
        made = Company(db, alone=True, orders=6)
        with made.open():
            made.world.ship_all("first-0")
            made.world.send()
            made.world.send()
            promises.check(made)
            yield made


def _spoil(company: Company, statement: Any) -> None:
    with company.db.write() as db:
        db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (t.stock_balances.update().where(t.stock_balances.c.on_hand > 0).values(on_hand=99), "balance_is_ledger"),
        (t.order_pieces.update().values(wanted=99), "is routed in part"),
        (t.fulfillment_orders.update().values(status="open"), "was shipped and is open"),
        (t.order_events.delete().where(t.order_events.c.kind == "parcel_shipped"), "parcels"),
        (t.outbox.delete().where(t.outbox.c.topic == "answer"), "no message tells it"),
        (t.outbox.update().where(t.outbox.c.topic == "answer").values(state="new"), "overtook"),
        (t.orders.update().values(total=1), "is not"),
        (t.streams.update().values(leased_until=datetime(2027, 1, 1, tzinfo=UTC)), "no_lease_for_ever"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_noticed(company: Company, statement: Any, told: str) -> None:
    _spoil(company, statement)
    with pytest.raises(AssertionError, match=told):
        promises.check(company)


def test_a_number_that_never_reached_the_channel_is_noticed(company: Company) -> None:
    promises.come_to_rest(company)
    company.world.shop.shelf["L-A"] = 77
    with pytest.raises(AssertionError, match="L-A shows 77"):
        promises.come_to_rest(company)
