"""Looks at a shop's app, session, permissions and message service; says what is missing, and opens the queue."""

from __future__ import annotations

from datetime import timedelta

from connectors.kit.top.router import stamp
from connectors.kit.wire.gateway import AppCheckup, Trial
from connectors.taobao.client import TRADE, Gateway
from connectors.taobao.feed import CHANGED, REFUND
from connectors.taobao.shipments import COMPANIES, SEND
from connectors.taobao.stock import ITEM, ON_SALE, WRITE_ITEM, WRITE_SKUS
from hub.canonical.told import told
from hub.ports.channel import Finding

NONE = {"num_iid": "0"}


class Checkup(AppCheckup[Gateway]):
    """The check of one shop."""

    entrance = Finding("app and session", True)
    mend = told("check app_key and app_secret; authorize the app again and enter the session key: {error}")
    calls = (
        (Finding("permission to read orders", True), TRADE, {"fields": "tid", "tid": "0"}),
        (Finding("permission to read refunds", True), REFUND, {"fields": "refund_id", "refund_id": "0"}),
        (Finding("permission to read products", True), ON_SALE, {"fields": "num_iid", "page_size": "1"}),
        (Finding("permission to read stock", True), ITEM, {"fields": "num_iid", **NONE}),
        (Finding("permission to write stock", True), WRITE_SKUS, {**NONE, "skuid_quantities": "0:0", "type": "1"}),
        (Finding("permission to write stock without SKUs", True), WRITE_ITEM, {**NONE, "quantity": "0", "type": "1"}),
        (Finding("permission to read carriers", True), COMPANIES, {"fields": "code"}),
        (Finding("permission to ship", True), SEND, {"tid": "0", "company_code": "OTHER", "out_sid": "0"}),
    )
    """Trade 0, refund 0 and item 0 do not exist: the platform refuses them after the permission."""

    def trials(self) -> tuple[Trial, ...]:
        now = self._gateway.now()
        window = {"start_modified": stamp(now - timedelta(minutes=1)), "end_modified": stamp(now), "fields": "tid"}
        return ((Finding("permission to read changed orders", True), CHANGED, window), *self.calls)

    def further(self, callback_url: str | None) -> tuple[Finding, ...]:
        """The platform sends nothing to an address: its queue is asked. So `callback_url` is for nothing."""
        return self._gateway.queue.check()
