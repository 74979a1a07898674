"""Shipments and answers have one effect, however often they are told."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.contract.base import SHOPPER, ContractBase, needs, until_done
from connectors.kit.practice.sandbox import Sandbox
from hub.ports.channel import (
    Can,
    Channel,
)


class ShipmentsContract(ContractBase):
    """Shipments and answers have one effect, however often they are told."""

    @needs(Can.PUSH_SHIPMENT)
    def test_a_shipment_told_twice_is_one_shipment(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
        parcel = self.dispatch(self.order(channel, ref), "S1", [0, 1], final=True)
        for _ in range(2):
            channel.push_shipment(parcel, key="ship:1:S1")
        book = self.book(sandbox, ref)
        assert (book.state, book.trackings) == ("shipped", (self.tracking("S1"),))
        assert [(line.shipped, line.current) for line in book.lines] == [(2, 2), (1, 1)]

    @needs(Can.PUSH_SHIPMENT)
    def test_two_parcels_make_one_order(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
        order = self.order(channel, ref)
        channel.push_shipment(self.dispatch(order, "S1", [0], final=False), key="ship:1:S1")
        first = self.book(sandbox, ref)
        assert (first.state, first.trackings) == (self.first_parcel, (self.tracking("S1"),))
        channel.push_shipment(self.dispatch(order, "S2", [1], final=True), key="ship:1:S2")
        book = self.book(sandbox, ref)
        assert (book.state, sorted(book.trackings)) == ("shipped", [self.tracking("S1"), self.tracking("S2")])
        assert [line.shipped for line in book.lines] == [2, 1]

    @needs(Can.PUSH_SHIPMENT, Can.LAST_PARCEL)
    def test_a_parcel_that_turns_out_to_be_the_last_ends_the_order(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
        parcel = self.dispatch(self.order(channel, ref), "S1", [0], final=False)
        channel.push_shipment(parcel, key="shipment:1")
        assert self.book(sandbox, ref).state != "shipped"
        sandbox.edit_order(ref, "TEA-GREEN", 0)  # not every shop takes that once a parcel left
        for _ in range(2):
            channel.push_shipment(replace(parcel, final=True), key="shipment:1:last")
        book = self.book(sandbox, ref)
        assert (book.state, book.trackings, book.lines[0].shipped) == ("shipped", (self.tracking("S1"),), 2)

    @needs(Can.PUSH_SHIPMENT)
    def test_a_shipment_after_a_timeout_is_one_shipment_when_repeated(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        parcel = self.dispatch(self.order(channel, ref), "S1", [0], final=True)
        sandbox.faults.force("timeout_after_effect", 3)
        until_done(lambda: channel.push_shipment(parcel, key="ship:1:S1"))
        book = self.book(sandbox, ref)
        assert (book.state, book.trackings, book.lines[0].shipped) == ("shipped", (self.tracking("S1"),), 2)

    @needs(Can.REFUSE_ORDER)
    def test_an_order_refused_twice_is_refused_once(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        word = self.word(self.order(channel, ref), accepted=False)
        for _ in range(2):
            channel.answer_order(word, key="answer:1")
        assert self.book(sandbox, ref).state == "refused"
        assert sandbox.shown_stock()["MUG-RED"] in {38, 40}

    @needs(Can.REFUSE_ORDER)
    def test_a_refusal_after_a_timeout_is_one_refusal_when_repeated(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        word = self.word(self.order(channel, ref), accepted=False)
        sandbox.faults.force("timeout_after_effect", 3)
        until_done(lambda: channel.answer_order(word, key="answer:1"))
        assert self.book(sandbox, ref).state == "refused"
        assert sandbox.shown_stock()["MUG-RED"] in {38, 40}

    @needs(Can.REFUSE_ORDER, Can.FETCH_ORDER)
    def test_an_order_the_buyer_cancelled_may_still_be_refused(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        word = self.word(self.order(channel, ref), accepted=False)
        sandbox.cancel_order(ref)
        channel.answer_order(word, key="answer:1")
        assert self.book(sandbox, ref).state in {"cancelled", "refused"}

    @needs(Can.ACCEPT_ORDER)
    def test_an_order_accepted_twice_is_accepted(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        word = self.word(self.order(channel, ref), accepted=True)
        for _ in range(2):
            channel.answer_order(word, key="answer:1")
        assert self.book(sandbox, ref).state == "open"
