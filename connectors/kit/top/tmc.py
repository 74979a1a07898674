"""TOP's message service (TMC): a queue of the app that tells what changed, and keeps what is not confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from connectors.kit.orders.queues import Batch, Change, ChangeQueue
from connectors.kit.settings import given
from connectors.kit.top.router import RouterGateway, rows
from connectors.kit.values import Row, inside, text_id
from connectors.kit.wire.exact_json import loads_exact
from hub.canonical.errors import AuthFailed, Rejected
from hub.canonical.told import told
from hub.ports.channel import Connection, Field, Finding, Receipt

MESSAGE_QUEUE = Field(
    "message_queue",
    "Message queue",
    "yes: the app's message service (TMC) tells of changes at once; no: they come with the next pull",
    required=False,
    default="no",
    choices=("no", "yes"),
)
QUEUE_GROUP = Field(
    "queue_group",
    "Queue group",
    "Of the message service, where the app has groups; empty: the default group",
    required=False,
)
CONSUME, CONFIRM = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"
USER, PERMIT = "taobao.tmc.user.get", "taobao.tmc.user.permit"


class TmcQueue(ChangeQueue):
    """The queue as one shop reads it: messages of the app's other shops are left for them.

    It reads the settings `MESSAGE_QUEUE`, `QUEUE_GROUP` and `nick`, the shop's account. Where it is off nothing is
    received; what was received before is still confirmed.
    named:  where a message's content says which order it is about.
    topics: those that are needed.
    """

    kind, most = "tmc", 200
    named: ClassVar[str] = "tid"
    topics: ClassVar[Sequence[str]]

    def __init__(self, gateway: RouterGateway, connection: Connection) -> None:
        names = ("nick", "queue_group", "message_queue")
        self._nick, self._group, rings = given(connection, gateway.spec, *names)
        self._gateway, self._on = gateway, rings == "yes"

    def batches(self) -> Iterator[Batch]:
        return super().batches() if self._on else iter(())

    def receive(self) -> dict[str, Row]:
        data = self._gateway.read(CONSUME, {**self._of_group(), "quantity": str(self.most)})
        return {text_id(row.get("id")): row for row in rows(data, "messages")}

    def change(self, message: Row) -> Change | None:
        """A message does not say when its order changed."""
        ours = message.get("user_nick") in (None, self._nick)
        return (self._order(message), None) if ours else None

    def handle(self, ref: str, message: Row) -> str:
        return ref

    def confirm(self, receipt: Receipt) -> None:
        """Receipts that were queued by versions before this one name their messages `ids`."""
        known = receipt.body if "handles" in receipt.body else {"handles": receipt.body["ids"]}
        super().confirm(replace(receipt, body=known))

    def delete(self, handles: Sequence[str]) -> None:
        self._gateway.write(CONFIRM, {**self._of_group(), "s_message_ids": ",".join(handles)}, retry=True)

    def check(self) -> tuple[Finding, ...]:
        """Whether the shop's messages go into the queue, all topics that are needed; opened where they do not.

        Nothing is said of a queue that is off. Raises: as `read` of the gateway, for what no person can mend.
        """
        return (self._settled(),) if self._on else ()

    def _settled(self) -> Finding:
        asked = {"fields": "user_nick,topics,is_valid,group_name", "nick": self._nick}
        try:
            known = inside(self._gateway.read(USER, asked), "tmc_user")
            return self._opened(known if isinstance(known, Mapping) else {})
        except (AuthFailed, Rejected) as error:
            mend = told(
                f"subscribe to the trade topics in the app's console (消息服务), or set message_queue to no: {error}"
            )
            return Finding("message queue", False, mend)

    def _opened(self, user: Row) -> Finding:
        """`user`: what the service says of the shop; it has no topics where all of the app's are meant."""
        there, topics = user.get("group_name"), _topics(user)
        if self._group and user and there != self._group:
            return Finding("message queue", False, told(f"the shop's messages go into group {there!r}: correct it"))
        if user.get("is_valid") and (not topics or set(self.topics) <= set(topics)):
            return Finding("message queue", True)
        wanted = ",".join(dict.fromkeys((*topics, *self.topics)))
        self._gateway.write(PERMIT, {"topics": wanted} if user else {}, retry=True)
        return Finding("message queue", True, repaired=True)

    def _of_group(self) -> dict[str, str]:
        return {"group_name": self._group} if self._group else {}

    def _order(self, message: Row) -> str:
        """The order that a message is about; "" where it is about something else."""
        try:
            content = loads_exact(str(message.get("content") or ""))
        except ValueError:
            return ""
        return text_id(inside(content, self.named))


def _topics(user: Row) -> list[str]:
    listed = user.get("topics")
    inner = next(iter(listed.values()), None) if isinstance(listed, Mapping) else listed
    return [str(topic) for topic in inner] if isinstance(inner, list) else []
