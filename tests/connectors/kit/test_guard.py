"""Only a package's own faults are its own: what the contract names, and a database that is away, goes up as it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from connectors.kit import registry
from connectors.kit.guard import ANSWERS, guarded
from hub.canonical.errors import AuthFailed, ConnectorFault, HeldBack
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import (
    Channel,
    ConnectorSpec,
    ListingOffer,
    Notice,
    Page,
    RawRecord,
    StockAnswer,
    StockLine,
    StockReading,
)


class Shop(BaseChannel):
    spec = ConnectorSpec("corner", "Corner", frozenset())

    def __init__(self, error: Exception) -> None:
        self._error = error

    def pull_listings(self) -> Iterator[ListingOffer]:
        yield ListingOffer("1", "MUG")
        raise self._error


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_packages", lambda: {"corner": "stockline_corner", "taobao": "connectors.taobao"})


@pytest.mark.parametrize("error", [AuthFailed("no"), HeldBack("later", 3), OperationalError("x", {}, OSError("away"))])
def test_what_has_a_meaning_goes_up_as_it_is(error: Exception) -> None:
    offers = guarded("corner", lambda: Shop(error)).pull_listings()
    assert next(offers) == ListingOffer("1", "MUG")
    with pytest.raises(type(error)) as raised:
        next(offers)
    assert raised.value is error


def test_a_fault_of_a_package_keeps_what_it_comes_from() -> None:
    bug = KeyError("x")
    with pytest.raises(
        ConnectorFault, match=r"its package stockline_corner has a fault of its own in pull_listings"
    ) as told:
        list(guarded("corner", lambda: Shop(bug)).pull_listings())
    assert (told.value.__cause__, told.value.package, told.value.kind) == (bug, "stockline_corner", "KeyError")


def test_a_verb_that_is_promised_and_not_there_is_the_packages_fault() -> None:
    with pytest.raises(ConnectorFault, match="in push_stock \\(ChannelUnsupported: corner does not declare push_stock"):
        guarded("corner", lambda: Shop(KeyError("x"))).push_stock(())


def test_a_channel_of_ours_has_no_guard() -> None:
    ours = Shop(KeyError("x"))
    assert guarded("taobao", lambda: ours) is ours


class Answering(BaseChannel):
    """Gives `answer` to whatever it is asked."""

    spec = ConnectorSpec("corner", "Corner", frozenset())

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def _any(self, *given: Any, **named: Any) -> Any:
        return self._answer

    check = pull_orders = fetch_order = find_order = to_orders = pull_refunds = to_refunds = _any
    read_webhook = prove_address = pull_listings = push_stock = read_stock = _any
    push_shipment = answer_order = send_receipt = _any


UNREAD: Any = None
REF, COUNT = "str that is not blank", "int below 1000000000000 or None"
ASKED: Mapping[str, Callable[[Channel], Any]] = {
    "check": lambda shop: shop.check(),
    "pull_orders": lambda shop: list(shop.pull_orders(None)),
    "fetch_order": lambda shop: shop.fetch_order("7"),
    "find_order": lambda shop: shop.find_order("7"),
    "to_orders": lambda shop: shop.to_orders(RawRecord("7", b"")),
    "pull_refunds": lambda shop: list(shop.pull_refunds(None)),
    "to_refunds": lambda shop: shop.to_refunds(RawRecord("7", b"")),
    "read_webhook": lambda shop: shop.read_webhook({}, b""),
    "prove_address": lambda shop: shop.prove_address({}, ""),
    "pull_listings": lambda shop: list(shop.pull_listings()),
    "push_stock": lambda shop: shop.push_stock([StockLine("1", 5, "k"), StockLine("2", 5, "k")]),
    "read_stock": lambda shop: list(shop.read_stock([])),
    "push_shipment": lambda shop: shop.push_shipment(UNREAD, key="k"),
    "answer_order": lambda shop: shop.answer_order(UNREAD, key="k"),
    "send_receipt": lambda shop: shop.send_receipt(UNREAD),
}
"""How each verb of the port is asked."""


def test_every_verb_of_the_port_is_guarded() -> None:
    assert set(ASKED) == set(ANSWERS)


@pytest.mark.parametrize(
    ("verb", "answer", "words"),
    [
        ("check", None, "None where tuple of Finding is wanted"),
        ("pull_orders", [Page(("x",), None)], "Page.records[0] as str where RawRecord is wanted"),  # type: ignore[arg-type]
        ("pull_orders", [Page((), 5)], "Page.cursor as int 5 where str or None is wanted"),  # type: ignore[arg-type]
        ("fetch_order", RawRecord("7", "{}"), "RawRecord.raw as str where bytes is wanted"),  # type: ignore[arg-type]
        ("find_order", "7", "str where RawRecord or None is wanted"),
        ("to_orders", ["7"], "Order[0] as str where Order is wanted"),
        ("pull_refunds", [Page((), b"1")], "Page.cursor as bytes where str or None is wanted"),  # type: ignore[arg-type]
        ("to_refunds", 7, "int 7 where tuple of Refund is wanted"),
        ("read_webhook", None, "None where Notice is wanted"),
        ("read_webhook", Notice("", "t"), f"Notice.event_id as blank str where {REF} is wanted"),
        ("prove_address", {"ok": 1}, "dict where str is wanted"),
        ("pull_listings", [ListingOffer("", "A")], f"ListingOffer.listing_ref as blank str where {REF} is wanted"),
        ("push_stock", [StockAnswer("1", "yes")], "StockAnswer[0].ok as str where bool is wanted"),  # type: ignore[arg-type]
        ("push_stock", [StockAnswer("1", True)], "0 answers for listing 2 where 1 is wanted"),
        ("push_stock", [StockAnswer(ref, True) for ref in "121"], "2 answers for listing 1 where 1 is wanted"),
        ("push_stock", [StockAnswer(ref, True) for ref in "123"], "1 answers for listing 3 where 0 is wanted"),
        (
            "read_stock", [StockReading("1", 2.5)],  # type: ignore[arg-type]
            f"StockReading.available as float where {COUNT} is wanted",
        ),
        ("push_shipment", False, "bool where None is wanted"),
        ("answer_order", {"ok": 1}, "dict where None is wanted"),
        ("send_receipt", "sent", "str where None is wanted"),
    ],
)  # fmt: skip
def test_an_answer_that_the_port_does_not_know_is_the_packages_fault_in_words(
    verb: str, answer: Any, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConnectorFault) as raised:
        ASKED[verb](guarded("corner", lambda: Answering(answer)))
    assert f"its package stockline_corner has a fault of its own in {verb} (it gave {words}); " in str(raised.value)
    (logged,) = caplog.records
    assert (logged.levelno, logged.exc_info) == (logging.ERROR, None)


def test_a_list_and_a_generator_do_where_all_is_told_at_once() -> None:
    answers = [StockAnswer("2", True), StockAnswer("1", False, "gone")]
    for given in (answers, tuple(answers), iter(answers)):
        assert ASKED["push_stock"](guarded("corner", lambda given=given: Answering(given))) == tuple(answers)  # type: ignore[misc]
