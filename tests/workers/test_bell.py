"""The doorbell: a caller never waits, the same ring is sent once, a lost broker loses no ring."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from hub.ports import failpoints
from workers import bell
from workers.bell import CeleryDoorbell

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def _no_observer() -> Iterator[None]:
    yield
    failpoints.observe_with(lambda _name: None)


def test_rings_of_the_same_work_are_sent_once(until: Wait) -> None:
    sent: list[tuple[str, int | None]] = []
    gate = threading.Event()

    def send(work: str, connection_id: int | None) -> None:
        assert gate.wait(10)
        sent.append((work, connection_id))

    doorbell = CeleryDoorbell(send)
    doorbell.ring("inbox.ingest")
    until(lambda: not doorbell._waiting)  # the first is on its way, and held by the gate
    for _ in range(100):
        doorbell.ring("orders.place")
        doorbell.ring("orders.pull", 1)
        doorbell.ring("orders.pull", 2)
    gate.set()
    doorbell.close()
    assert sent == [("inbox.ingest", None), ("orders.place", None), ("orders.pull", 1), ("orders.pull", 2)]


def test_a_ring_while_the_same_one_is_being_sent_is_sent_again(until: Wait) -> None:
    sent: list[str] = []
    sending, gate = threading.Event(), threading.Event()

    def send(work: str, _connection_id: int | None) -> None:
        sending.set()
        assert gate.wait(10)
        sent.append(work)

    doorbell = CeleryDoorbell(send)
    doorbell.ring("inbox.ingest")
    assert sending.wait(10)
    doorbell.ring("inbox.ingest")
    gate.set()
    until(lambda: len(sent) == 2)
    doorbell.close()
    assert sent == ["inbox.ingest", "inbox.ingest"]


def test_a_ring_that_the_broker_did_not_take_is_tried_again(monkeypatch: pytest.MonkeyPatch, until: Wait) -> None:
    monkeypatch.setattr(bell, "RETRY_S", 0.05)
    sent: list[str] = []
    answers: list[Exception | None] = [ConnectionError("broker away"), ConnectionError("broker away"), None, None]

    def send(work: str, _connection_id: int | None) -> None:
        answer = answers.pop(0)
        if answer:
            raise answer
        sent.append(work)

    doorbell = CeleryDoorbell(send)
    doorbell.ring("inbox.ingest")
    doorbell.ring("orders.place")
    until(lambda: len(sent) == 2)
    doorbell.close()
    assert sent == ["inbox.ingest", "orders.place"]
    assert answers == []


def test_closing_sends_what_waits() -> None:
    sent: list[str] = []
    doorbell = CeleryDoorbell(lambda work, _c: sent.append(work), gather_s=30)
    doorbell.ring("inbox.ingest")
    doorbell.ring("orders.place")
    doorbell.close()
    assert sorted(sent) == ["inbox.ingest", "orders.place"]


def test_the_crash_points_around_publishing_are_reached() -> None:
    reached: list[str] = []
    failpoints.observe_with(reached.append)
    doorbell = CeleryDoorbell(lambda _work, _c: reached.append("sent"))
    doorbell.ring("inbox.ingest")
    doorbell.close()
    assert reached == ["sent", "after_publish", "after_confirm"]
