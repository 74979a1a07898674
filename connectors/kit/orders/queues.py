"""A platform's queue that tells which orders changed, and keeps each message until it is confirmed."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectors.kit.values import Row, parts
from hub.canonical.times import iso
from hub.ports.channel import Receipt

Change = tuple[str, datetime | None]
"""An order ("" where the message is about something else) and when it changed, None where the message does not say."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one shop: what confirms them, and the orders that they are about, with the time of their change."""

    kind: str
    handles: tuple[str, ...]
    orders: Mapping[str, datetime | None]

    def receipt(self, now: datetime) -> Receipt:
        """To be sent once the orders are kept. Messages that come again are confirmed again, so `now` is in its key."""
        digest = hashlib.sha256(",".join(self.handles).encode()).hexdigest()[:24]
        return Receipt(f"{self.kind}:{digest}:{iso(now)}", {"handles": list(self.handles)})


class ChangeQueue(ABC):
    """One queue as one shop reads it: messages of other shops are left where they are.

    kind: what its receipts' keys begin with.  most: messages that one call confirms.
    """

    kind: ClassVar[str]
    most: ClassVar[int]

    @abstractmethod
    def receive(self) -> Mapping[str, Row]:
        """Some of the messages that wait, by their ids; none where none waits."""

    @abstractmethod
    def change(self, message: Row) -> Change | None:
        """What changed; None where the message is for another shop."""

    @abstractmethod
    def handle(self, ref: str, message: Row) -> str:
        """What confirms a message."""

    @abstractmethod
    def delete(self, handles: Sequence[str]) -> None:
        """Confirm messages; doing it twice does no harm."""

    def batches(self) -> Iterator[Batch]:
        """What waits, until nothing new comes: a message that is not confirmed may come again."""
        seen = set[str]()
        while fresh := {ref: message for ref, message in self.receive().items() if ref not in seen}:
            seen |= fresh.keys()
            ours = [(self.handle(ref, one), change) for ref, one in fresh.items() if (change := self.change(one))]
            if ours:
                orders = {order: at for _, (order, at) in ours if order}
                yield Batch(self.kind, tuple(handle for handle, _ in ours), orders)

    def confirm(self, receipt: Receipt) -> None:
        """These were kept; the queue may forget them."""
        for some in parts(receipt.body["handles"], self.most):
            self.delete(some)
