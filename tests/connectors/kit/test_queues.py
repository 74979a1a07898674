"""A queue's messages lead to the orders that changed, others' stay, and what was kept is confirmed in parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from connectors.kit.orders.queues import Batch, Change, ChangeQueue
from connectors.kit.values import Row

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Queue(ChangeQueue):
    """Gives its messages again until they are deleted, two at a time, in turn."""

    kind, most = "test", 2

    def __init__(self, *messages: Row) -> None:
        self.messages, self.deleted, self.turn = list(messages), list[list[str]](), 0

    def receive(self) -> dict[str, Row]:
        start, self.turn = self.turn, (self.turn + 2) % max(2, len(self.messages))
        return {one["id"]: one for one in self.messages[start : start + 2]}

    def change(self, message: Row) -> Change | None:
        return (message.get("order", ""), message.get("at")) if message["shop"] == "ours" else None

    def handle(self, ref: str, message: Row) -> str:
        return f"handle-{ref}"

    def delete(self, handles: Sequence[str]) -> None:
        self.deleted.append(list(handles))


def message(ref: str, order: str = "", shop: str = "ours", at: datetime | None = None) -> Row:
    return {"id": ref, "order": order, "shop": shop, "at": at}


def test_what_waits_is_read_until_nothing_new_comes() -> None:
    queue = Queue(message("1", "A"), message("2", "B", at=NOON), message("3", "A"), message("4", "C", shop="theirs"))
    assert list(queue.batches()) == [
        Batch("test", ("handle-1", "handle-2"), {"A": None, "B": NOON}), Batch("test", ("handle-3",), {"A": None}),
    ]  # fmt: skip
    assert list(Queue().batches()) == []


def test_messages_about_something_else_are_confirmed_and_those_of_others_are_not() -> None:
    (batch,) = Queue(message("1"), message("2", "B", shop="theirs")).batches()
    assert batch == Batch("test", ("handle-1",), {})
    assert list(Queue(message("2", "B", shop="theirs")).batches()) == []


def test_what_was_kept_is_confirmed_in_calls_of_at_most_so_many() -> None:
    queue = Queue()
    queue.confirm(Batch("test", ("a", "b", "c"), {}).receipt(NOON))
    assert queue.deleted == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Batch("test", ("a",), {}).receipt(NOON), True),
        (Batch("test", ("b",), {}).receipt(NOON), False),
        (Batch("test", ("a",), {}).receipt(NOON.replace(hour=13)), False),
    ],
)
def test_a_receipt_is_named_by_its_messages_and_its_time(other: object, same: bool) -> None:
    assert (Batch("test", ("a",), {"A": None}).receipt(NOON) == other) is same
