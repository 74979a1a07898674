"""One piece of work: sliced, never twice at once, its errors sorted by class."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from hub.canonical import errors
from hub.usecases.streams import Busy
from workers.tasks import _run
from workers.tasks._run import TABLE, Runs, Then, then
from workers.work import Lane, Work

Ring = tuple[str, int | None]


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


def test_slow_channels_leave_threads_free_and_are_rung_again_when_one_ends() -> None:
    go, started, rings = threading.Event(), threading.Barrier(3), list[Ring]()
    runs = _runs(rings, threads=4)

    def hang(_ctx: object, _connection_id: int) -> int:
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
    assert rings == []
    go.set()
    for thread in threads:
        thread.join(10)
    assert rings == [("orders.pull", 3)]


def test_one_connection_holds_at_most_two_threads() -> None:
    runs = _runs([], threads=16)
    work = Work("orders.pull", Lane.PULL, lambda _ctx, _c: 0, outside=True)
    assert runs._enter(("orders.pull", 1), work)
    assert runs._enter(("stock.push", 1), work)
    assert not runs._enter(("outbox.send", 1), work)
    assert runs._enter(("outbox.send", 2), work)


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
