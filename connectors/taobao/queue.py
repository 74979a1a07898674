"""The message service (TMC): a queue of the app that tells which trades changed, and keeps what is not confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.kit.exact_json import loads_exact
from connectors.kit.queues import Change, ChangeQueue
from connectors.kit.values import Row, inside, text_id
from connectors.taobao.client import Gateway, rows
from hub.ports.channel import Receipt

CONSUME, CONFIRM = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"


class Queue(ChangeQueue):
    """The queue as one shop reads it: messages of the app's other shops are left for them.

    Args: group: of the app's queues; "" for the default one.
    """

    kind, most = "tmc", 200

    def __init__(self, gateway: Gateway, group: str) -> None:
        self._gateway = gateway
        self._group = {"group_name": group} if group else {}

    def receive(self) -> dict[str, Row]:
        data = self._gateway.read(CONSUME, {**self._group, "quantity": str(self.most)})
        return {text_id(row.get("id")): row for row in rows(data, "messages")}

    def change(self, message: Row) -> Change | None:
        """A message does not say when its trade changed."""
        ours = message.get("user_nick") in (None, self._gateway.nick)
        return (_trade(message), None) if ours else None

    def handle(self, ref: str, message: Row) -> str:
        return ref

    def confirm(self, receipt: Receipt) -> None:
        """Receipts that were queued by versions before this one name their messages `ids`."""
        known = receipt.body if "handles" in receipt.body else {"handles": receipt.body["ids"]}
        super().confirm(replace(receipt, body=known))

    def delete(self, handles: Sequence[str]) -> None:
        self._gateway.write(CONFIRM, {**self._group, "s_message_ids": ",".join(handles)}, retry=True)


def _trade(message: Row) -> str:
    """The trade that a message is about; "" where it is about something else."""
    try:
        content = loads_exact(str(message.get("content") or ""))
    except ValueError:
        return ""
    return text_id(inside(content, "tid"))
