"""The absolute number written is the number shown, line by line."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.kit.contract.base import ITEMS, SHOPPER, ContractBase, needs, tolerant, twice
from connectors.kit.practice.sandbox import Sandbox
from hub.ports.channel import (
    Can,
    Channel,
    StockAnswer,
)


class StockContract(ContractBase):
    """The absolute number written is the number shown, line by line."""

    @needs(Can.PULL_LISTINGS)
    def test_every_item_is_a_listing_with_its_number(self, sandbox: Sandbox, channel: Channel) -> None:
        offers = list(channel.pull_listings())
        broken = {offer.sku: offer.available for offer in offers if _no_whole([offer.available])}
        assert broken == {}, f"numbers of listings that are no int: {broken}"
        assert {offer.sku: offer.available for offer in offers} == dict(sandbox.shown_stock())
        doubled = twice(offer.listing_ref for offer in offers)
        assert doubled == [], f"listings that come twice: {', '.join(doubled)}"
        assert len({offer.listing_ref for offer in offers}) == len(ITEMS)

    @needs(Can.PUSH_STOCK)
    def test_the_number_written_is_the_number_shown(self, sandbox: Sandbox, channel: Channel) -> None:
        numbers = {"MUG-RED": 7, "TEA-GREEN": 0, "MUG-BLUE": 40}
        lines = self.stock_lines(channel, numbers)
        answers = channel.push_stock(lines)
        assert [(a.listing_ref, a.ok) for a in answers] == [(line.listing_ref, True) for line in lines]
        assert dict(sandbox.shown_stock()) == numbers
        if Can.READ_STOCK in channel.spec.can:
            read = list(channel.read_stock(lines))
            assert {r.listing_ref: r.available for r in read} == {line.listing_ref: line.available for line in lines}
            assert twice(r.listing_ref for r in read) == [], "listings that are read twice"
            assert _no_whole(r.available for r in read) == [], "numbers that were read and are no int"

    @needs(Can.PUSH_STOCK)
    def test_the_same_stock_line_twice_has_one_effect(self, sandbox: Sandbox, channel: Channel) -> None:
        lines = self.stock_lines(channel, {"MUG-RED": 7}, last_sent=40)
        assert channel.push_stock(lines)[0].ok
        again = channel.push_stock(lines)[0]
        assert again.ok or (again.stale and again.seen == 7)
        assert sandbox.shown_stock()["MUG-RED"] == 7

    @needs(Can.PUSH_STOCK)
    def test_a_stale_number_is_told_and_not_written(self, sandbox: Sandbox, channel: Channel) -> None:
        stale, fresh = self.stock_lines(channel, {"MUG-RED": 10, "MUG-BLUE": 11}, last_sent=40)
        sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
        answers = channel.push_stock([stale, fresh])
        assert answers[0].listing_ref == stale.listing_ref
        assert _no_whole(answer.seen for answer in answers) == [], "numbers that were seen and are no int"
        assert (answers[0].ok, answers[0].stale, answers[0].seen) == (False, True, 37)
        assert answers[1] == StockAnswer(fresh.listing_ref, True, seen=answers[1].seen)
        assert (sandbox.shown_stock()["MUG-RED"], sandbox.shown_stock()["MUG-BLUE"]) == (37, 11)

    @needs(Can.PUSH_STOCK)
    def test_one_unknown_listing_does_not_stop_its_neighbors(self, sandbox: Sandbox, channel: Channel) -> None:
        first, last = self.stock_lines(channel, {"MUG-RED": 5, "MUG-BLUE": 6})
        unknown = self.unknown_listing(sandbox)
        answers = channel.push_stock([first, unknown, last])
        assert [answer.ok for answer in answers] == [True, False, True]
        assert answers[1].why
        assert not answers[1].retry
        assert (sandbox.shown_stock()["MUG-RED"], sandbox.shown_stock()["MUG-BLUE"]) == (5, 6)

    @needs(Can.PUSH_STOCK)
    def test_stock_after_a_timeout_is_right_when_repeated(self, sandbox: Sandbox, channel: Channel) -> None:
        lines = self.stock_lines(channel, {"MUG-RED": 7}, last_sent=40)
        sandbox.faults.force("timeout_after_effect", 1)
        first = tolerant(lambda: channel.push_stock(lines))
        answer = (first or channel.push_stock(lines))[0]
        assert answer.ok or (answer.stale and answer.seen == 7)
        assert sandbox.shown_stock()["MUG-RED"] == 7
        assert sandbox.faults.counts["timeout_after_effect"] == 1


def _no_whole(numbers: Iterable[object]) -> list[object]:
    """Those that are neither an int nor None: 40.0 counts as 40, and is another number once it is written."""
    return [number for number in numbers if number is not None and type(number) is not int]
