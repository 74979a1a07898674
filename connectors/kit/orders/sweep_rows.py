"""The orders of a shop that sorts as it likes, read stretch by stretch, as the rows that it sends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.kit.orders.reading import RowFeed
from connectors.kit.orders.sweep import SweepFeed
from connectors.kit.settings import Start
from connectors.kit.values import Row
from hub.ports.channel import RawRecord


class SweepRows(RowFeed):
    """The orders of such a shop, over `SweepFeed`: `page` asks for one page of a stretch of time.

    usual:  how far back a first pull goes where the merchant does not say from when on.
    oldest: how far back the platform lets one ask.
    """

    usual: ClassVar[timedelta]
    oldest: ClassVar[timedelta]

    def __init__(self, look: Callable[[str], Row | None], start: Start, now: Callable[[], datetime]) -> None:
        super().__init__(look)

        def first(now: datetime) -> datetime:
            return max(start.first, now - self.oldest) if start.first else now - self.usual

        self.pull = SweepFeed(self._records, start.overlap, first, now=now).pull

    @abstractmethod
    def page(self, start: datetime, end: datetime | None, passed: int) -> tuple[Sequence[Row], int]:
        """(rows changed from `start` on, before `end` if it has one, after the first `passed`; how many there are)."""

    def _records(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[RawRecord], int]:
        rows, total = self.page(start, end, passed)
        return [self.record(row) for row in rows], total
