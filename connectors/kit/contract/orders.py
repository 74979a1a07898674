"""Orders are pulled whole, in order and again, from a channel that is slow, angry or away."""

from __future__ import annotations

import itertools
import traceback
from datetime import timedelta

import pytest

from connectors.kit.contract.base import ALWAYS, MANY, SHOPPER, ContractBase, needs, raws, records, twice
from connectors.kit.practice.sandbox import Sandbox
from hub.canonical.errors import (
    BadRecord,
    ChannelDown,
    InvariantBroken,
    Retryable,
    Throttled,
)
from hub.canonical.order import Order, OrderStatus
from hub.ports.channel import (
    Can,
    Channel,
    Page,
    RawRecord,
)


class OrdersContract(ContractBase):
    """Orders are pulled whole, in order and again, from a channel that is slow, angry or away."""

    def test_429_is_throttled_and_keeps_retry_after(self, sandbox: Sandbox, channel: Channel) -> None:
        sandbox.faults.force("rate_limited_429", ALWAYS)
        with pytest.raises(Throttled) as caught:
            list(channel.pull_orders(None))
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 0

    def test_500_is_retryable_and_shows_no_secret(self, sandbox: Sandbox, channel: Channel) -> None:
        sandbox.faults.force("server_error_500", ALWAYS)
        with pytest.raises(Retryable) as caught:
            list(channel.pull_orders(None))
        shown = "".join(traceback.format_exception(caught.value))
        assert [secret for secret in sandbox.secrets.values() if secret in shown] == []

    def test_an_outage_is_retryable_and_passes(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        sandbox.outage(60)
        with pytest.raises(ChannelDown):
            list(channel.pull_orders(None))
        sandbox.outage(0)
        assert self.order(channel, ref).channel_ref == ref

    def test_one_hiccup_does_not_disturb_a_pull(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        sandbox.faults.force("server_error_500", 1)
        assert self.order(channel, ref).channel_ref == ref

    def test_all_orders_come_oldest_first_and_no_page_goes_back(self, sandbox: Sandbox, channel: Channel) -> None:
        placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(MANY)]
        pages = list(channel.pull_orders(None))
        records = [record for page in pages for record in page.records if record.kind == "order"]
        pulled = [order.channel_ref for record in records for order in channel.to_orders(record)]
        assert sorted(set(pulled)) == sorted(placed)
        times = [record.updated_at for record in records if record.updated_at]
        assert times == sorted(times)
        newest = [page.newest_at for page in pages if page.newest_at]
        assert newest == sorted(newest)
        doubled = [ref for page in pages for ref in twice(record.ref for record in page.records)]
        assert doubled == [], f"orders that come twice on a page: {', '.join(doubled)}"

    def test_many_orders_of_one_moment_come_each_once(self, sandbox: Sandbox, channel: Channel) -> None:
        """Their time names no place among them: each page is asked for by its number, token or place."""
        self.stop_clock(sandbox)
        placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(MANY)]
        pulled = [self._ref(channel, record) for record in records(self._pages(channel))]
        lost = sorted(set(placed) - set(pulled))
        assert lost == [], f"{len(lost)} of {MANY} orders of one moment were not pulled"
        assert twice(pulled) == [], "orders that came twice in one pull in which nothing changed"

    def _pages(self, channel: Channel) -> list[Page]:
        """A whole pull, which the next page must not stop."""
        try:
            return list(channel.pull_orders(None))
        except InvariantBroken as looped:
            raise AssertionError(
                f"{MANY} orders of one moment stop the pull: {looped}; is each page asked for?"
            ) from None

    def test_the_same_cursor_gives_the_same_records(self, sandbox: Sandbox, channel: Channel) -> None:
        for _ in range(3):
            sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)])
        first, second = (list(channel.pull_orders(None)) for _ in range(2))
        assert raws(first) == raws(second)
        cursor = first[-1].cursor
        assert raws(channel.pull_orders(cursor)) == raws(channel.pull_orders(cursor))

    def test_the_next_pull_has_what_was_placed_and_changed_since(self, sandbox: Sandbox, channel: Channel) -> None:
        old = sandbox.place_order(SHOPPER, [("TEA-GREEN", 3)])
        cursor = list(channel.pull_orders(None))[-1].cursor
        new = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        edited = sandbox.edit_order(old, "TEA-GREEN", 2)
        assert edited or sandbox.cancel_order(old), "the shop's orders neither change nor are cancelled"
        later = [order for record in records(channel.pull_orders(cursor)) for order in channel.to_orders(record)]
        assert {new, old} <= {order.channel_ref for order in later}
        changed = [order for order in later if order.channel_ref == old][-1]
        assert sum(changed.wanted(line) for line in changed.lines) == 2 if edited else self._cancelled(changed)

    def _cancelled(self, order: Order) -> bool:
        return order.status is OrderStatus.CANCELLED

    def test_an_order_placed_while_paging_is_not_lost(self, sandbox: Sandbox, channel: Channel) -> None:
        for _ in range(MANY):
            sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)])
        pages = channel.pull_orders(None)
        first = next(pages)
        late = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        sandbox.edit_order(self._ref(channel, first.records[0]), "TEA-GREEN", 2)
        rest = list(pages)
        cursor = ([first, *rest][-1]).cursor
        found = {self._ref(channel, r) for r in [*records([first, *rest]), *records(channel.pull_orders(cursor))]}
        assert {order.ref for order in sandbox.book()} == found
        assert late in found

    @needs(Can.BACKFILL)
    def test_a_pull_may_begin_at_any_time_in_the_past(self, sandbox: Sandbox, channel: Channel) -> None:
        """An hour before the change, and at the very time of it: a backfill names times, no page's cursor."""
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        changed = next(record.updated_at for record in records(channel.pull_orders(None)) if record.updated_at)
        for begin in (changed - timedelta(hours=1), changed):
            found = records(channel.pull_orders(begin.isoformat()))
            assert ref in {self._ref(channel, record) for record in found}, begin

    def _ref(self, channel: Channel, record: RawRecord) -> str:
        return channel.to_orders(record)[0].channel_ref

    def test_a_future_cursor_gives_nothing(self, sandbox: Sandbox, channel: Channel) -> None:
        sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        assert raws(channel.pull_orders(self.future_cursor())) == []

    def test_pages_that_loop_stop(self, sandbox: Sandbox, channel: Channel) -> None:
        for _ in range(3):
            sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
        self.make_pages_loop(sandbox)
        pages: list[Page] = []
        try:
            pages.extend(itertools.islice(channel.pull_orders(None), ALWAYS))
        except InvariantBroken as error:
            assert str(error)
        assert len(pages) < ALWAYS

    def test_an_order_is_what_the_customer_ordered(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 5)])
        order = self.order(channel, ref)
        assert {line.sku: line.quantity for line in order.lines} == {"MUG-RED": 2, "TEA-GREEN": 5}
        assert (order.channel, order.status) == (sandbox.channel, OrderStatus.OPEN)
        assert order.ship_to is not None
        assert {name: getattr(order.ship_to, name) for name in self.shown_place} == self.shown_place

    def test_a_cancelled_order_is_pulled_as_cancelled(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        assert sandbox.cancel_order(ref)
        assert self.order(channel, ref).status is OrderStatus.CANCELLED

    @needs(Can.FETCH_ORDER)
    def test_fetching_gives_the_order_as_it_stands_or_none(self, sandbox: Sandbox, channel: Channel) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        record = channel.fetch_order(ref)
        assert record is not None
        assert channel.to_orders(record)[0] == self.order(channel, ref)
        assert channel.fetch_order("999999999999") is None

    @needs(Can.FIND_ORDER)
    def test_an_order_is_found_by_the_number_that_its_buyer_sees(self, sandbox: Sandbox, channel: Channel) -> None:
        refs = [sandbox.place_order(SHOPPER, [("MUG-RED", 2)]) for _ in range(2)]
        for ref in refs:
            order = self.order(channel, ref)
            number = str(order.number).removeprefix("#")
            for typed in (number, f"#{number}", f" {number} "):
                record = channel.find_order(typed)
                assert record is not None
                assert channel.to_orders(record)[0] == order
            assert channel.find_order(f"{number}7") is None
        for odd in ("#", "*", "a,b", "' OR name:*", "\\", '"', "%", "Ünknown"):
            assert channel.find_order(odd) is None, odd

    def test_an_unknown_status_is_a_bad_record_that_names_field_and_value(
        self, sandbox: Sandbox, channel: Channel
    ) -> None:
        sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        strange = self.unknown_status(records(channel.pull_orders(None))[0])
        with pytest.raises(BadRecord) as caught:
            channel.to_orders(strange.record)
        assert (caught.value.field, caught.value.value) == (strange.field, strange.value)
        assert caught.value.why

    @pytest.mark.parametrize(
        "raw", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"id": {}}', b"0", b"ISA", b"\x00" * 200]
    )
    def test_nonsense_is_a_bad_record_never_a_crash(self, channel: Channel, raw: bytes) -> None:
        with pytest.raises(BadRecord) as caught:
            channel.to_orders(RawRecord("1", raw))
        assert caught.value.field
        assert caught.value.why
