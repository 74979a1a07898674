"""The message service (TMC): a queue of the app that tells which trades changed, and keeps what is not confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.kit.exact_json import loads_exact
from connectors.kit.values import Row, inside, text_id
from connectors.taobao.client import Gateway, rows
from hub.canonical.times import iso
from hub.ports.channel import Receipt

CONSUME, CONFIRM = "taobao.tmc.messages.consume", "taobao.tmc.messages.confirm"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of this shop: their ids, and the trades that they are about."""

    ids: tuple[str, ...]
    trades: tuple[str, ...]

    def receipt(self, now: datetime) -> Receipt:
        """To be sent once the trades are kept. Messages that come again are confirmed again, so `now` is in its key."""
        digest = hashlib.sha256(",".join(self.ids).encode()).hexdigest()[:16]
        return Receipt(f"tmc:{digest}:{iso(now)}", {"ids": list(self.ids)})


class Queue:
    """The queue as one shop reads it: messages of the app's other shops are left for them.

    Args: group: of the app's queues; "" for the default one.
    """

    def __init__(self, gateway: Gateway, group: str) -> None:
        self._gateway = gateway
        self._group = {"group_name": group} if group else {}

    def batches(self) -> Iterator[Batch]:
        """What waits, until nothing new comes: a message that is not confirmed may come again."""
        seen = set[str]()
        while True:
            data = self._gateway.read(CONSUME, {**self._group, "quantity": str(BATCH)})
            found = {text_id(row.get("id")): row for row in rows(data, "messages")}
            fresh = {ref: row for ref, row in found.items() if ref not in seen}
            if not fresh:
                return
            seen |= fresh.keys()
            ours = {ref: row for ref, row in fresh.items() if row.get("user_nick") in (None, self._gateway.nick)}
            if ours:
                trades = dict.fromkeys(filter(None, map(_trade, ours.values())))
                yield Batch(tuple(ours), tuple(trades))

    def confirm(self, ids: Sequence[str]) -> None:
        """These were kept; the queue may forget them. Confirming twice does no harm."""
        for at in range(0, len(ids), BATCH):
            told = {**self._group, "s_message_ids": ",".join(ids[at : at + BATCH])}
            self._gateway.write(CONFIRM, told, retry=True)


def _trade(message: Row) -> str:
    """The trade that a message is about; "" where it is about something else."""
    try:
        content = loads_exact(str(message.get("content") or ""))
    except ValueError:
        return ""
    return text_id(inside(content, "tid"))
