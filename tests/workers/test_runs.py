"""One piece of work: sliced, never twice at once, its errors sorted by class."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from hub.canonical import errors
from hub.ports.caller import caller
from hub.usecases.streams import Busy
from workers.tasks import _run
from workers.tasks._run import TABLE, Runs, Then, then
from workers.work import Lane, Work

Ring = tuple[str, int | None]
Wait = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def _fresh_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def _runs(rings: list[Ring], **options: Any) -> Runs:
    context: Any = lambda: None  # noqa: E731 - the works below look at no context
    return Runs(context, lambda work, connection_id: rings.append((work, connection_id)), **options)


def _raising(error: Exception) -> Work:
    def run(_ctx: object) -> int:
        raise error

    return Work("inbox.ingest", Lane.INGEST, run, repeat=True)


def _subclasses(kind: type[Exception]) -> set[type[Exception]]:
    return {kind} | {below for child in kind.__subclasses__() for below in _subclasses(child)}


def test_every_error_of_the_hub_has_its_own_row() -> None:
    ours = {kind for kind in _subclasses(errors.StocklineError) if kind.__module__ == errors.__name__}
    assert ours - {errors.StocklineError} == set(TABLE) - {Busy}
    assert len(ours) >= 14


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (errors.NotFound("no"), Then.DONE),
        (errors.Throttled("slow", 3.0), Then.WAIT),
        (errors.AuthFailed("who"), Then.PERSON),
        (errors.InvariantBroken("ledger"), Then.ALERT),
        (errors.ConnectorFault("corner", "stockline_corner", "check", "KeyError", "KeyError"), Then.ALERT),
        (Busy("somebody has it"), Then.BUSY),
        (OperationalError("SELECT 1", {}, Exception()), Then.DATABASE),
        (ZeroDivisionError(), Then.BUG),
    ],
)
def test_an_error_goes_by_its_class(error: Exception, verdict: Then) -> None:
    assert then(error) is verdict
    assert _runs([]).run(_raising(error)) == 0


def test_a_third_partys_subclass_goes_by_its_nearest_ancestor() -> None:
    class QuotaGone(errors.Throttled):
        """A connector's own."""

    assert then(QuotaGone("none left")) is Then.WAIT


def test_work_runs_until_there_is_none() -> None:
    left = [5, 3, 0, 9]
    assert _runs([]).run(Work("inbox.ingest", Lane.INGEST, lambda _ctx: left.pop(0), repeat=True)) == 8
    assert left == [9]


def test_work_that_does_not_repeat_runs_once_however_much_it_did() -> None:
    left = [5, 3]
    assert _runs([]).run(Work("orders.pull", Lane.PULL, lambda _ctx, _c: left.pop(0), outside=True), 4) == 5
    assert left == [3]


def test_when_its_time_is_over_it_rings_for_the_rest() -> None:
    rings: list[Ring] = []
    assert _runs(rings, slice_s=0.0).run(Work("inbox.ingest", Lane.INGEST, lambda _ctx: 7, repeat=True)) == 7
    assert rings == [("inbox.ingest", None)]


def test_a_stopping_process_ends_after_the_batch() -> None:
    rings: list[Ring] = []
    runs = _runs(rings)

    def batch(_ctx: object) -> int:
        runs.stopping.set()
        return 7

    assert runs.run(Work("inbox.ingest", Lane.INGEST, batch, repeat=True)) == 7


def test_a_second_ring_while_it_runs_makes_it_run_once_more_not_beside() -> None:
    entered, go, calls = threading.Event(), threading.Event(), []
    runs = _runs([])

    def slow(_ctx: object) -> int:
        calls.append(threading.get_ident())
        entered.set()
        assert go.wait(10)
        return 0

    work = Work("inbox.ingest", Lane.INGEST, slow, repeat=True)
    first = threading.Thread(target=runs.run, args=[work])
    first.start()
    assert entered.wait(10)
    assert runs.run(work) == 0
    assert len(calls) == 1
    go.set()
    first.join(10)
    assert calls == [first.ident, first.ident]


def test_slow_channels_leave_threads_free_and_a_place_goes_on_to_who_waits_for_it() -> None:
    go, started, rings, ran = threading.Event(), threading.Barrier(3), list[Ring](), list[tuple[int, int | None]]()
    runs = _runs(rings, threads=4)

    def hang(_ctx: object, connection_id: int) -> int:
        ran.append((connection_id, threading.get_ident()))
        if connection_id < 3:
            started.wait(10)
            assert go.wait(10)
        return 0

    pull = Work("orders.pull", Lane.PULL, hang, outside=True)
    threads = [threading.Thread(target=runs.run, args=[pull, connection]) for connection in (1, 2)]
    for thread in threads:
        thread.start()
    started.wait(10)
    assert runs.run(pull, 3) == 0  # two of four threads are outside: the third waits
    assert runs.run(Work("inbox.ingest", Lane.INGEST, lambda _ctx: 0)) == 0  # work inside is not held up
    assert [connection for connection, _ in ran if connection == 3] == []
    go.set()
    for thread in threads:
        thread.join(10)
    assert next(ident for connection, ident in ran if connection == 3) in [thread.ident for thread in threads]
    assert (rings, runs.is_busy) == ([], False)


def test_a_thread_that_worked_for_its_slice_rings_for_who_waits_and_ends() -> None:
    rings: list[Ring] = []
    runs = _runs(rings, threads=3, slice_s=0.0)  # one place outside

    def busy(_ctx: object, _connection_id: int) -> int:
        assert (runs.run(SEND, 2), runs.run(STOCK, 3)) == (0, 0)
        return 1

    assert runs.run(Work("orders.pull", Lane.PULL, busy, outside=True), 1) == 1
    assert (rings, runs.is_busy) == ([("outbox.send", 2)], False)
    assert runs.run(SEND, 2) == 1
    assert rings == [("outbox.send", 2), ("stock.push", 3)]


def test_a_process_that_stops_hands_no_place_on() -> None:
    runs = _runs([], threads=3)  # one place outside

    def stop(_ctx: object, _connection_id: int) -> int:
        assert runs.run(STOCK, 2) == 0
        runs.stopping.set()
        return 1

    assert runs.run(Work("orders.pull", Lane.PULL, stop, outside=True), 1) == 1
    assert not runs.is_busy


def test_the_same_complaint_is_told_once_and_its_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Exception | int] = [errors.ChannelDown("down"), errors.ChannelDown("down"), 0, 0]

    def run(_ctx: object, _connection_id: int) -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    runs, work = _runs([]), Work("orders.pull", Lane.PULL, run, outside=True)
    with capture_logs() as logs:
        for _ in range(4):
            runs.run(work, 7)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("work.stopped", "warning"),
        ("work.recovered", "info"),
    ]
    assert (logs[0]["reason"], logs[0]["connection_id"]) == ("ChannelDown: down", 7)
    answers[:] = [errors.ChannelDown("down"), errors.ChannelDown("down")]
    monkeypatch.setattr(_run, "AGAIN_S", 0.0)
    with capture_logs() as logs:
        runs.run(work, 7)
        runs.run(work, 7)
    assert len(logs) == 2


def test_a_bug_is_counted_and_logged_without_its_words() -> None:
    labels = {"work": "inbox.ingest", "error": "KeyError"}
    before = REGISTRY.get_sample_value("stockline_work_errors_total", labels) or 0.0
    with capture_logs() as logs:
        assert _runs([]).run(_raising(KeyError("Ada Lovelace"))) == 0
    assert REGISTRY.get_sample_value("stockline_work_errors_total", labels) == before + 1
    assert (logs[0]["event"], logs[0]["log_level"], logs[0]["verdict"]) == ("work.broken", "error", "failed")


def test_busy_is_no_error_and_is_not_told() -> None:
    with capture_logs() as logs:
        _runs([]).run(_raising(Busy("another worker has it")))
    assert logs == []


@contextmanager
def _going_on(runs: Runs, work: Work, connection_id: int) -> Iterator[threading.Thread]:
    """The work runs in a thread of its own; at the end the process stops, and the thread with it."""
    thread = threading.Thread(target=runs.run, args=[work, connection_id])
    thread.start()
    try:
        yield thread
    finally:
        runs.stopping.set()
        thread.join(20)
        assert not thread.is_alive()


def _waiting_for_a_limit(seconds: float, begun: threading.Event, ended: list[Exception] | None = None) -> Work:
    def wait(_ctx: object, _connection_id: int) -> int:
        begun.set()
        try:
            caller().sleep(seconds)
        except errors.HeldBack as error:
            if ended is not None:
                ended.append(error)
            raise
        return 0

    return Work("orders.pull", Lane.PULL, wait, outside=True)


PULL = Work("orders.pull", Lane.PULL, lambda _ctx, _c: 1, outside=True)
SEND = Work("outbox.send", Lane.PUSH, lambda _ctx, _c: 1, outside=True)
STOCK = Work("stock.push", Lane.STOCK, lambda _ctx, _c: 1, outside=True)
SWEEP = Work("stock.reconcile", Lane.SLOW, lambda _ctx, _c: 1, outside=True)


def test_a_run_that_waits_for_its_channels_limit_gives_its_place_to_others(until: Wait) -> None:
    rings: list[Ring] = []
    runs, begun = _runs(rings, threads=3), threading.Event()  # one place outside
    with _going_on(runs, _waiting_for_a_limit(3600, begun), 1):
        assert begun.wait(10)
        until(lambda: runs._places._resting == {("orders.pull", 1)})
        assert runs.run(PULL, 2) == 1
        assert runs.run(STOCK, 2) == 1
        assert runs.run(PULL, 1) == 0  # itself it does not pass by


def test_what_was_postponed_is_rung_for_when_a_place_is_given_up_orders_first(until: Wait) -> None:
    rings: list[Ring] = []
    runs, begun, go = _runs(rings, threads=3), threading.Event(), threading.Event()

    def first_work(_ctx: object, _connection_id: int) -> int:
        begun.set()
        assert go.wait(10)
        caller().sleep(3600)
        return 0

    with _going_on(runs, Work("orders.pull", Lane.PULL, first_work, outside=True), 1):
        assert begun.wait(10)
        assert (runs.run(STOCK, 2), runs.run(SEND, 2), runs.run(PULL, 3)) == (0, 0, 0)
        assert rings == []
        go.set()
        until(lambda: rings)
        assert rings == [("outbox.send", 2)]  # one place, one bell; the others are next when it is free again
        assert runs.run(SEND, 2) == 3


def test_where_no_thread_is_left_to_wait_in_a_long_wait_ends_the_run_and_a_short_one_is_waited_for() -> None:
    runs, ended = _runs([], threads=3), list[Exception]()
    runs._places._resting = {("orders.pull", other) for other in (7, 8, 9)}
    assert runs.run(_waiting_for_a_limit(40, threading.Event(), ended), 1) == 0
    assert [getattr(error, "retry_after", None) for error in ended] == [40]
    assert runs.run(_waiting_for_a_limit(0.01, threading.Event(), ended), 1) == 0
    assert len(ended) == 1
    assert runs._places._resting == {("orders.pull", other) for other in (7, 8, 9)}


def test_a_stopping_process_waits_for_no_limit_and_never_calls_before_its_time(until: Wait) -> None:
    runs, begun, ended = _runs([]), threading.Event(), list[Exception]()
    with _going_on(runs, _waiting_for_a_limit(3600, begun, ended), 1):
        until(lambda: bool(runs._places._resting))
    assert [type(error) for error in ended] == [errors.HeldBack]
    assert runs._places._resting == set()
