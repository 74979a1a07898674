"""Webhooks are believed only with a good signature, and doubled ones are recognized."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.kit.contract.base import ALWAYS, MUTANTS, SHOPPER, ContractBase, mutants, needs
from connectors.kit.contract.receiver import Delivery, receiving
from connectors.kit.practice.sandbox import Sandbox
from hub.canonical.errors import (
    AuthFailed,
)
from hub.ports.channel import (
    Can,
    Channel,
)


class WebhooksContract(ContractBase):
    """Webhooks are believed only with a good signature, and doubled ones are recognized."""

    @pytest.fixture
    def deliveries(self, sandbox: Sandbox, channel: Channel, request: pytest.FixtureRequest) -> Iterator[Any]:
        self._named()
        with receiving() as receiver:
            self.point_webhooks(sandbox, receiver.url)
            receiver.answer = lambda query: channel.prove_address(query, receiver.url)
            findings = channel.check(receiver.url)
            assert [finding for finding in findings if not finding.ok] == []
            yield receiver

    def _named(self) -> None:
        assert self.signature_header, (
            'contract.py names no header: signature_header = "x-…" (small letters), the one with the signature'
        )

    def signature_of(self, delivery: Delivery) -> str:
        """What the header that `contract.py` names says."""
        self._named()
        assert self.signature_header in delivery.headers, (
            f"contract.py: signature_header = {self.signature_header!r}, and what came has: "
            f"{', '.join(sorted(delivery.headers))}"
        )
        return delivery.headers[self.signature_header]

    @needs(Can.WEBHOOKS)
    def test_a_placed_order_rings_and_the_notice_leads_to_it(
        self, sandbox: Sandbox, channel: Channel, deliveries: Any
    ) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        deliveries.wait(lambda got: any(ref in self._told(channel, one) for one in got))

    def _told(self, channel: Channel, delivery: Delivery) -> set[str]:
        """Orders that a delivery leads to; the platform's ping leads to none."""
        notice = channel.read_webhook(delivery.headers, delivery.body)
        whole = {order.channel_ref for record in notice.records for order in channel.to_orders(record)}
        return whole | set(notice.refetch)

    @needs(Can.WEBHOOKS)
    def test_registering_twice_repairs_nothing_and_rings_once(
        self, sandbox: Sandbox, channel: Channel, deliveries: Any
    ) -> None:
        again = channel.check(deliveries.url)
        assert [finding for finding in again if finding.repaired or not finding.ok] == []

    @needs(Can.WEBHOOKS)
    def test_a_doubled_webhook_has_the_same_event_id(self, sandbox: Sandbox, channel: Channel, deliveries: Any) -> None:
        sandbox.faults.force("webhook_doubled", ALWAYS)
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        got = deliveries.wait(lambda got: len([one for one in got if ref in self._told(channel, one)]) >= 2)
        about = [channel.read_webhook(one.headers, one.body) for one in got if ref in self._told(channel, one)]
        events = [(notice.topic, notice.event_id) for notice in about]
        assert len(set(events)) < len(events)
        assert all(event_id for _, event_id in events)

    @needs(Can.WEBHOOKS)
    def test_no_altered_webhook_is_believed(self, sandbox: Sandbox, channel: Channel, deliveries: Any) -> None:
        ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
        got = deliveries.wait(lambda got: any(ref in self._told(channel, one) for one in got))
        good = next(one for one in got if ref in self._told(channel, one))
        self.signature_of(good)
        refused = 0
        for mutant in mutants(good, self.signature_header):
            with pytest.raises(AuthFailed):
                channel.read_webhook(mutant.headers, mutant.body)
            refused += 1
        assert refused == MUTANTS
        missing = {name: value for name, value in good.headers.items() if name != self.signature_header}
        with pytest.raises(AuthFailed):
            channel.read_webhook(missing, good.body)
