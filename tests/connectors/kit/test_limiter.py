"""The limiters, on a clock that the test moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.kit.settings import daily_quota
from connectors.kit.wire.limiter import Bucket, CostBucket, Gaps, OwnLevels, Quota, shared_by
from hub.canonical.errors import HeldBack, Misconfigured
from hub.canonical.urgency import Urgency
from hub.ports.caller import calling
from hub.rules.pacing import RECOVERY_S


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


@pytest.fixture(autouse=True)
def _for_orders() -> Iterator[None]:
    with calling(urgency=Urgency.ORDERS):
        yield


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
    with pytest.raises(HeldBack) as caught:
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
    for _ in range(20):
        limit.take()
    assert 20 / 2 < time.now - start < 20 / 1


def test_the_pace_falls_to_a_sixteenth_at_most_and_time_brings_it_back() -> None:
    time = Time()
    limit = bucket(time, rate=16, size=1)
    for _ in range(20):
        limit.throttled(0)
    limit.take()
    assert time.now == pytest.approx(1.0, abs=0.01)
    time.now += RECOVERY_S
    limit.take()
    start = time.now
    limit.take()
    assert time.now == pytest.approx(start + 1 / 16)


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
    spent, refused = list[int](), list[float | None]()
    limit = Bucket(1.0, 10.0, patience=0, clock=lambda: 0.0)

    def spend() -> None:
        try:
            limit.take()
            spent.append(1)
        except HeldBack as error:
            refused.append(error.retry_after)

    threads = [threading.Thread(target=spend) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spent) == 8, "a thread that nobody named calls for a person, who leaves a floor to orders"
    assert len(refused) == 42


def test_calls_of_one_operation_keep_their_gap_and_the_others_go_at_once() -> None:
    time = Time()
    gaps = Gaps({"list": 60, "status": 15, "free": 0}, patience=30, clock=time.clock, sleep=time.sleep)
    for operation in ("list", "status", "free", "free", "unheard of"):
        gaps.take(operation)
    assert time.now == 0
    gaps.take("status")
    assert time.now == pytest.approx(15.0)
    with pytest.raises(HeldBack) as caught:
        gaps.take("list")
    assert caught.value.retry_after == pytest.approx(45.0)
    time.now = 60
    gaps.take("list")
    assert time.now == 60


class Frozen(OwnLevels):
    """Two processes' common levels, at one moment; counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__(lambda: 1_790_000_000.0)
        self.asked = 0

    def change(self, name: str, act: Any) -> Any:
        self.asked += 1
        return super().change(name, act)


def _take_all(limit: Bucket) -> int:
    for taken in range(10_000):
        try:
            limit.take()
        except HeldBack:
            return taken
    raise AssertionError("the bucket never ends")


def test_two_processes_share_what_the_channel_allows_and_draw_some_of_it_at_once() -> None:
    levels = Frozen()
    buckets = []
    for _ in range(2):
        with shared_by(levels):
            buckets.append(Bucket(100.0, 200.0, patience=0))
    assert sum(_take_all(each) for each in buckets) == 150  # 200, less the 50 that one may have drawn unseen
    assert levels.asked <= 6


def test_limits_of_one_channel_stand_apart_also_where_they_have_the_same_name() -> None:
    levels = Frozen()
    with shared_by(levels):
        one, other = Bucket(1.0, 5.0, patience=0), Bucket(1.0, 5.0, patience=0)
    assert (_take_all(one), _take_all(other), _take_all(one)) == (5, 5, 0)
    assert sorted(levels._levels) == ["calls", "calls 2"]


def test_after_a_429_points_that_were_drawn_before_are_not_spent() -> None:
    with shared_by(Frozen()):
        limit = Bucket(100.0, 200.0, patience=0)
    limit.take()
    limit.throttled(5)
    with pytest.raises(HeldBack) as caught:
        limit.take()
    assert caught.value.retry_after == pytest.approx(5.0)


def test_a_wait_is_slept_in_the_way_of_the_caller() -> None:
    slept: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    limit = Bucket(1.0, 1.0, clock=lambda: now[0])
    with calling(sleep=sleep):
        limit.take()
        limit.take()
    assert slept == [1.0]


def test_a_days_quota_is_kept_and_names_the_midnight() -> None:
    time = Time()
    limit = Bucket(10.0, 10.0, quota=Quota(3, "Asia/Shanghai"), patience=60, clock=time.clock, sleep=time.sleep)
    for _ in range(3):
        limit.take()
    with pytest.raises(HeldBack, match=r"^our own limit keeps this call back for 57600 s$"):
        limit.take()  # 1970 begins at 08:00 in Shanghai


def test_the_quota_that_a_merchant_set_counts_all_calls_and_not_those_of_one_operation_again() -> None:
    with shared_by(Frozen(), Quota(4)):
        calls, operation = Bucket(100.0, 200.0, patience=0), Bucket(1.0, 9.0, name="getOrders", patience=0)
    with calling(urgency=Urgency.ORDERS):
        assert (_take_all(calls), _take_all(operation)) == (4, 9)


def test_the_connector_knows_its_quota_better() -> None:
    with shared_by(Frozen(), Quota(4)):
        assert _take_all(Bucket(100.0, 200.0, quota=Quota(6), patience=0)) == 6


@pytest.mark.parametrize(
    ("settings", "quota"),
    [
        ({}, Quota(0, "UTC")),
        ({"calls_per_day": "", "quota_zone": ""}, Quota(0, "UTC")),
        ({"calls_per_day": "5000", "quota_zone": "Asia/Shanghai"}, Quota(5000, "Asia/Shanghai")),
    ],
)
def test_a_daily_quota_is_read_from_the_settings(settings: dict[str, str], quota: Quota) -> None:
    assert daily_quota(settings) == quota


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"calls_per_day": "0"}, "calls_per_day = '0': use a whole number from 1 to 1000000000"),
        ({"calls_per_day": "-5"}, "calls_per_day = '-5': use"),
        ({"calls_per_day": "\u0665"}, "calls_per_day = '\u0665': use"),
        ({"calls_per_day": "9" * 5000}, "calls_per_day = '9{80}': use"),
        ({"calls_per_day": "5", "quota_zone": "Mars/Base"}, "quota_zone = 'Mars/Base': use the name of a time zone"),
    ],
)
def test_a_wrong_quota_is_refused_by_its_name(settings: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        daily_quota(settings)
