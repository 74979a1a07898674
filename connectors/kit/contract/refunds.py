"""Refunds that are told apart from their orders come whole, with exact money, and again as the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.kit.contract.base import ALWAYS, CANARY, MANY, SHOPPER, ContractBase, needs
from connectors.kit.practice.sandbox import Sandbox, TellsRefunds
from hub.canonical.errors import BadRecord, ChannelDown, NeedsPerson, Throttled
from hub.canonical.refund import Refund
from hub.ports.channel import Can, Channel, RawRecord


class RefundsContract(ContractBase):
    """Refunds that are told apart from their orders come whole, with exact money, and again as the same."""

    def refunded(self, sandbox: Sandbox, pieces: int = 1, ordered: int = 2) -> tuple[str, Decimal]:
        """A new order of which the money of some pieces went back: its id, and how much."""
        assert isinstance(sandbox, TellsRefunds), "the sandbox of a channel that tells refunds has `refund`"
        ref = sandbox.place_order(SHOPPER, [("TEA-GREEN", ordered)])
        return ref, sandbox.refund(ref, "TEA-GREEN", pieces)

    def refunds(self, channel: Channel, cursor: str | None = None) -> tuple[list[Refund], str | None]:
        """What is told from this cursor on, and where the next pull starts."""
        found = list[Refund]()
        for page in channel.pull_refunds(cursor):
            assert {record.kind for record in page.records} <= {"refund"}
            found += [refund for record in page.records for refund in channel.to_refunds(record)]
            cursor = page.cursor
        return found, cursor

    @needs(Can.PULL_REFUNDS)
    def test_a_refund_is_told_with_its_order_its_line_and_exact_money(self, sandbox: Sandbox, channel: Channel) -> None:
        ref, amount = self.refunded(sandbox)
        ((refund,), _) = self.refunds(channel)
        assert (refund.order_ref, refund.amount) == (ref, amount)
        (line,) = refund.lines
        assert (line.sku, line.quantity, line.amount) == ("TEA-GREEN", Decimal(1), amount)
        assert (refund.refunded_at is not None, len(refund.currency or "")) == (True, 3)

    @needs(Can.PULL_REFUNDS)
    def test_no_order_tells_a_refund_itself(self, sandbox: Sandbox, channel: Channel) -> None:
        ref, _ = self.refunded(sandbox)
        order = self.order(channel, ref)
        assert (order.refunded_total or 0, order.extra.get("money_back")) == (0, None)

    @needs(Can.PULL_REFUNDS)
    def test_a_refund_that_is_told_again_bears_the_same_id(self, sandbox: Sandbox, channel: Channel) -> None:
        self.refunded(sandbox)
        ((first,), cursor) = self.refunds(channel)
        assert self.refunds(channel)[0] == [first]
        again, _ = self.refunds(channel, cursor)
        assert {one.channel_ref for one in again} <= {first.channel_ref}

    @needs(Can.PULL_REFUNDS)
    def test_the_next_pull_of_refunds_has_those_made_since(self, sandbox: Sandbox, channel: Channel) -> None:
        self.refunded(sandbox)
        _, cursor = self.refunds(channel)
        ref, _ = self.refunded(sandbox)
        assert ref in {one.order_ref for one in self.refunds(channel, cursor)[0]}

    @needs(Can.PULL_REFUNDS)
    def test_many_refunds_come_whole_each_once(self, sandbox: Sandbox, channel: Channel) -> None:
        made = dict(self.refunded(sandbox) for _ in range(MANY))
        found, _ = self.refunds(channel)
        assert {one.order_ref: one.amount for one in found} == made
        assert len({one.channel_ref for one in found}) == len(found) == MANY

    @needs(Can.PULL_REFUNDS)
    def test_refunds_wait_for_a_channel_that_is_slow_or_away(self, sandbox: Sandbox, channel: Channel) -> None:
        ref, _ = self.refunded(sandbox)
        sandbox.faults.force("rate_limited_429", ALWAYS)
        with pytest.raises(Throttled):
            self.refunds(channel)
        sandbox.faults.calm()
        sandbox.outage(60)
        with pytest.raises(ChannelDown):
            self.refunds(channel)
        sandbox.outage(0)
        assert [one.order_ref for one in self.refunds(channel)[0]] == [ref]

    @needs(Can.PULL_REFUNDS)
    def test_bad_credentials_for_refunds_need_a_person(self, sandbox: Sandbox) -> None:
        with pytest.raises(NeedsPerson) as caught:
            list(self.make_channel(sandbox, self.bad_secrets(sandbox)).pull_refunds(None))
        assert CANARY not in str(caught.value)

    @needs(Can.PULL_REFUNDS)
    def test_refunds_from_a_future_cursor_on_are_none(self, sandbox: Sandbox, channel: Channel) -> None:
        self.refunded(sandbox)
        assert self.refunds(channel, self.future_cursor())[0] == []

    @needs(Can.PULL_REFUNDS)
    @pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"id": {}}', b"0", b"\x00" * 200])
    def test_nonsense_is_no_refund_but_a_bad_record(self, channel: Channel, raw: bytes) -> None:
        with pytest.raises(BadRecord) as caught:
            channel.to_refunds(RawRecord("1", raw, kind="refund"))
        assert caught.value.field
        assert caught.value.why
