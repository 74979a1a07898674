"""Orders of a shop that sorts as it likes: a first pull goes back as far as is said, and never further than it may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.kit.orders.sweep_rows import SweepRows
from connectors.kit.settings import Start
from connectors.kit.values import Row

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Orders(SweepRows):
    ref, changed = "id", "at"
    usual, oldest = timedelta(days=2), timedelta(days=5)

    def __init__(self, first: datetime | None) -> None:
        super().__init__(lambda ref: None, Start(timedelta(minutes=1), first), lambda: NOW)
        self.asked = list[tuple[datetime, datetime | None, int]]()

    def page(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[Row], int]:
        self.asked.append((start, end, passed))
        return [{"id": 2 - passed, "at": f"2026-11-2{2 - passed}T08:00:00Z"}], 2


@pytest.mark.parametrize(
    ("_case", "first", "start"),
    [
        ("nothing is said", None, timedelta(days=2)),
        ("the merchant says when", NOW - timedelta(days=3), timedelta(days=3)),
        ("longer ago than the platform lets one ask", NOW - timedelta(days=9), timedelta(days=5)),
    ],
)
def test_a_first_pull_starts_there(_case: str, first: datetime | None, start: timedelta) -> None:
    orders = Orders(first)
    (page,) = orders.pull(None)
    assert orders.asked == [(NOW - start, None, 0), (NOW - start, None, 1)]
    assert [record.ref for record in page.records] == ["1", "2"]
