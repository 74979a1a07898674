"""Whether a channel's orders are all here, and what may be told to it before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.rules.catch_up import OrdersIn, is_behind, may_tell

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINE = OrdersIn(ok_at=NOW - timedelta(seconds=60), every_s=60)


@pytest.mark.parametrize(
    ("_case", "changed", "behind"),
    [
        ("pulled a minute ago", {}, False),
        ("three pulls ago", {"ok_at": NOW - timedelta(minutes=3)}, False),
        ("longer ago", {"ok_at": NOW - timedelta(minutes=3, seconds=1)}, True),
        ("pulled every ten seconds, two minutes ago", {"ok_at": NOW - timedelta(minutes=2), "every_s": 10}, False),
        ("pulled every ten seconds, longer ago", {"ok_at": NOW - timedelta(seconds=121), "every_s": 10}, True),
        ("it is pulled once an hour", {"ok_at": NOW - timedelta(hours=3), "every_s": 3600}, False),
        ("three hourly pulls failed", {"ok_at": NOW - timedelta(hours=3, seconds=1), "every_s": 3600}, True),
        ("just connected", {"ok_at": None}, False),
        ("the first pull goes on", {"ok_at": None, "behind": True}, True),
        ("a rest was left a second ago", {"ok_at": NOW, "behind": True}, True),
        ("an order that is not read yet is new", {"oldest": NOW - timedelta(minutes=10)}, False),
        ("an order that is not read yet is of a backlog", {"oldest": NOW - timedelta(minutes=10, seconds=1)}, True),
        ("a person stopped the pulls", {"ok_at": NOW - timedelta(days=9), "behind": True, "paused": True}, False),
    ],
)
def test_orders_are_all_here_or_not(_case: str, changed: dict[str, object], behind: bool) -> None:
    assert is_behind(replace(FINE, **changed), NOW) is behind  # type: ignore[arg-type]


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("compares", [False, True])
def test_a_zero_is_always_told_and_more_only_where_it_cannot_sell_twice(behind: bool, compares: bool) -> None:
    assert may_tell(0, behind, compares)
    assert may_tell(5, behind, compares) is (compares or not behind)
