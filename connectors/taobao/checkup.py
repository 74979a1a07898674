"""Looks at a shop's app, session, permissions and message service; says what is missing, and opens the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connectors.kit.gateway import AppCheckup, Trial
from connectors.kit.values import Row, inside
from connectors.taobao.client import TRADE, Gateway, stamp
from connectors.taobao.feed import CHANGED, REFUND
from connectors.taobao.shipments import COMPANIES, SEND
from connectors.taobao.stock import ITEM, ON_SALE, WRITE_ITEM, WRITE_SKUS
from hub.canonical.errors import AuthFailed, Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

USER, PERMIT = "taobao.tmc.user.get", "taobao.tmc.user.permit"
NONE = {"num_iid": "0"}
TRIALS: tuple[Trial, ...] = (
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
TOPICS = tuple(
    f"taobao_trade_{name}"
    for name in (
        "TradeCreate", "TradeBuyerPay", "TradeChanged", "TradeClose", "TradeCloseAndModifyDetailOrder",
        "TradeModifyFee", "TradePartlyRefund", "TradePartlySellerShip", "TradeSellerShip", "TradeSuccess",
    )
)  # fmt: skip


class Checkup(AppCheckup[Gateway]):
    """The check of one shop. `group`: the queue's, "" for the default one; None where no queue is used."""

    entrance = Finding("app and session", True)
    mend = told("check app_key and app_secret; authorize the app again and enter the session key: {error}")

    def __init__(self, gateway: Gateway, group: str | None) -> None:
        super().__init__(gateway)
        self._nick, self._group = gateway.nick, group

    def trials(self) -> tuple[Trial, ...]:
        now = self._gateway.now()
        window = {"start_modified": stamp(now - timedelta(minutes=1)), "end_modified": stamp(now), "fields": "tid"}
        changed: Trial = (Finding("permission to read changed orders", True), CHANGED, window)
        return (changed, *TRIALS)

    def further(self, callback_url: str | None) -> tuple[Finding, ...]:
        """The platform sends nothing to an address: its queue is asked. So `callback_url` is for nothing."""
        return () if self._group is None else (self._queue(self._group),)

    def _queue(self, group: str) -> Finding:
        """The shop's messages go into the queue, all topics that we need; opened where they do not."""
        asked = {"fields": "user_nick,topics,is_valid,group_name", "nick": self._nick}
        try:
            known = inside(self._gateway.read(USER, asked), "tmc_user")
            user = known if isinstance(known, Mapping) else {}
            if group and user and user.get("group_name") != group:
                there = user.get("group_name")
                return Finding("message queue", False, told(f"the shop's messages go into group {there!r}: correct it"))
            if user.get("is_valid") and _complete(user):
                return Finding("message queue", True)
            topics = ",".join(dict.fromkeys((*_topics(user), *TOPICS)))
            self._gateway.write(PERMIT, {"topics": topics} if user else {}, retry=True)
        except (AuthFailed, Rejected) as error:
            mend = told(
                f"subscribe to the trade topics in the app's console (消息服务), or set message_queue to no: {error}"
            )
            return Finding("message queue", False, mend)
        return Finding("message queue", True, repaired=True)


def _topics(user: Row) -> list[str]:
    told = user.get("topics")
    inner = next(iter(told.values()), None) if isinstance(told, Mapping) else told
    return [str(topic) for topic in inner] if isinstance(inner, list) else []


def _complete(user: Row) -> bool:
    """Whether the shop's topics are all (none named) or hold ours."""
    return not _topics(user) or set(TOPICS) <= set(_topics(user))
