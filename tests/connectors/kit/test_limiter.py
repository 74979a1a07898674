"""The limiters, on a clock that the test moves."""

from __future__ import annotations

import threading

import pytest

from connectors.kit.limiter import Bucket, CostBucket, Gaps
from hub.canonical.errors import Throttled


class Time:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def bucket(time: Time, rate: float, size: float, patience: float = 1000) -> CostBucket:
    return CostBucket(rate, size, patience=patience, clock=time.clock, sleep=time.sleep)


def test_a_burst_goes_at_once_and_then_the_rate_holds() -> None:
    time = Time()
    limit = bucket(time, rate=2, size=4)
    for _ in range(4):
        limit.take()
    assert time.now == 0
    for _ in range(6):
        limit.take()
    assert time.now == pytest.approx(3.0)


def test_idle_time_fills_the_bucket_only_to_its_size() -> None:
    time = Time()
    limit = bucket(time, rate=2, size=4)
    time.now = 1000
    for _ in range(5):
        limit.take()
    assert time.now == pytest.approx(1000.5)


def test_a_wait_beyond_patience_is_throttled_and_spends_nothing() -> None:
    time = Time()
    limit = bucket(time, rate=1, size=10, patience=5)
    limit.take(10)
    with pytest.raises(Throttled) as caught:
        limit.take(6)
    assert caught.value.retry_after == pytest.approx(6.0)
    limit.take(5)
    assert time.now == pytest.approx(5.0)


def test_after_429_nobody_calls_until_retry_after_and_then_at_half_pace() -> None:
    time = Time()
    limit = bucket(time, rate=2, size=2)
    limit.throttled(10)
    limit.take()
    assert time.now == pytest.approx(10.0)
    start = time.now
    for _ in range(4):
        limit.take()
    assert time.now - start >= 2.0


def test_the_pace_falls_to_a_sixteenth_at_most_and_recovers_fully() -> None:
    time = Time()
    limit = bucket(time, rate=16, size=1)
    for _ in range(20):
        limit.throttled(None)
    limit.take()
    assert time.now == pytest.approx(1.0)
    for _ in range(20):
        limit.fine()
    time.now = 100
    limit.take()
    limit.take()
    assert time.now == pytest.approx(100 + 1 / 16)


def test_the_servers_count_of_points_wins_when_it_is_lower() -> None:
    time = Time()
    limit = bucket(time, rate=100, size=2000)
    limit.take(100)
    limit.told(available=50, size=2000, rate=100)
    limit.take(250)
    assert time.now == pytest.approx(2.0)


def test_the_servers_count_does_not_hand_out_points_that_calls_under_way_will_cost() -> None:
    time = Time()
    limit = bucket(time, rate=100, size=1000)
    limit.take(900)
    limit.told(available=1000, size=1000, rate=100)
    limit.take(200)
    assert time.now == pytest.approx(1.0)


def test_a_bigger_plan_is_taken_over_at_once_and_unspent_points_come_back() -> None:
    time = Time()
    limit = bucket(time, rate=50, size=1000)
    limit.told(available=1900, size=2000, rate=100)
    limit.take(1900)
    limit.refunded(400)
    limit.take(400)
    assert time.now == 0


def test_a_call_dearer_than_the_bucket_waits_for_a_full_one() -> None:
    time = Time()
    limit = bucket(time, rate=10, size=100)
    limit.take(500)
    assert time.now == 0
    limit.take(1)
    assert time.now > 0


def test_threads_together_spend_no_more_than_there_is() -> None:
    waits: list[float] = []
    limit = Bucket(1.0, 10.0, patience=1e9, clock=lambda: 0.0, sleep=waits.append)
    threads = [threading.Thread(target=limit.take) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([float(n) for n in range(1, 41)])


def test_calls_of_one_operation_keep_their_gap_and_the_others_go_at_once() -> None:
    time = Time()
    gaps = Gaps({"list": 60, "status": 15, "free": 0}, patience=30, clock=time.clock, sleep=time.sleep)
    for operation in ("list", "status", "free", "free", "unheard of"):
        gaps.take(operation)
    assert time.now == 0
    gaps.take("status")
    assert time.now == pytest.approx(15.0)
    with pytest.raises(Throttled) as caught:
        gaps.take("list")
    assert caught.value.retry_after == pytest.approx(45.0)
    time.now = 60
    gaps.take("list")
    assert time.now == 60
