"""Reads orders out of whatever a channel sends, and hands them over: what every connector with a mapping does alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar

from connectors.kit.orders.feed import ChangeFeed, OffsetFeed, order_record
from connectors.kit.settings import Start
from connectors.kit.shop import ReadOrders
from connectors.kit.values import Row, named_so, plain_number, rows_of, text_id
from hub.canonical.order import Order
from hub.ports.channel import Page, RawRecord
from mappings.engine import decode_json
from mappings.engine.envelope import Envelope, map_all

OTHERS = {
    "an order of Shopify": frozenset({"line_items", "total_price"}),
    "an order of WooCommerce": frozenset({"line_items"}),
    "an order of Magento": frozenset({"increment_id"}),
}
"""What is taken for another channel's order most often, for `Envelope.foreign`."""
ReadOrder = Callable[[Mapping[str, Any], Mapping[str, str]], Order]
"""(an order's object, settings) -> the order, or BadRecord: what `mappings.engine.mapping` gives."""


def order_reader(
    envelope: Envelope, read: ReadOrder, put_right: Callable[[Any], Any] = lambda payload: payload
) -> ReadOrders:
    """Reads every order of a payload: the JSON as it came -> the orders in it, in its order.

    put_right: is given the whole payload first: it may refuse it (an answer of errors), or give another.
    It raises BadRecord: field, value and why, also for a payload that is no order. Settings such as `status.<value>`
    name a known value to read an unknown one as.
    """

    def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
        return map_all(put_right(decode_json(raw)), envelope, lambda order: read(order, settings))

    return read_orders


def is_whole(row: Row, name: str, lacking: str) -> bool:
    """Whether every object in the row's list `name` has the field `lacking`; a row without the list is whole."""
    return all(lacking in each for each in rows_of(row, name))


def completed(row: Row, name: str, lacking: str, ask: Callable[[], Iterable[Row]]) -> Row:
    """A row whose list `name` tells too little of its objects, with what a second resource tells of them.

    Args: lacking: a field that a whole object has; where all have it (`is_whole`), nothing is asked.
          ask:     gives the whole objects; what the row itself says of one goes before.
    """
    if is_whole(row, name, lacking):
        return row
    whole = {text_id(each.get("id")): each for each in ask()}
    told = [
        {**whole.get(text_id(each.get("id")), {}), **each} if isinstance(each, Mapping) else each for each in row[name]
    ]
    return {**row, name: told}


class RowFeed(ABC):
    """The orders of one shop as the rows that it sends; how it is asked for those that changed is `pull`.

    ref, changed: a row's fields of id and time of change.  zone: that of times that name none.
    look:         id -> the order's row as it stands now, None where the shop knows none.
    """

    ref: ClassVar[str]
    changed: ClassVar[str]
    zone: ClassVar[tzinfo] = UTC
    pull: Callable[[str | None], Iterator[Page]]

    def __init__(self, look: Callable[[str], Row | None]) -> None:
        self._look = look

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        row = self._look(ref)
        return None if row is None else self.record(row)

    def record(self, row: Row) -> RawRecord:
        """A row as it came."""
        return order_record(row, self.ref, self.changed, self.zone)


class ChangedRows(RowFeed):
    """The orders of a shop that sorts them by date of change: `page` asks for one page of them.

    tick: how fine a shop tells times that reads "after" strictly: it is asked from so much earlier on.
    """

    tick: ClassVar[timedelta] = timedelta()

    def __init__(self, look: Callable[[str], Row | None], start: Start) -> None:
        super().__init__(look)
        self.pull = ChangeFeed(self._records, *start).pull

    @abstractmethod
    def page(self, since: datetime | None, number: int) -> tuple[Sequence[Row], bool]:
        """(rows changed at or after `since` (UTC), oldest change first, whether more may follow). `number`: from 1."""

    def _records(self, since: datetime | None, number: int) -> tuple[list[RawRecord], bool]:
        rows, more = self.page(since and since.astimezone(UTC) - self.tick, number)
        return [self.record(row) for row in rows], more


class OffsetRows(RowFeed):
    """The orders of a shop that sorts them by creation and pages by offset: `page` asks for one page of them.

    Args: look, start: those of `ChangedRows`.  now: aware UTC now.
    """

    def __init__(self, look: Callable[[str], Row | None], start: Start, now: Callable[[], datetime]) -> None:
        super().__init__(look)
        self.pull = OffsetFeed(self._records, *start, now=now).pull

    @abstractmethod
    def page(self, since: datetime | None, passed: int) -> tuple[Sequence[Row], int]:
        """(rows changed at or after `since` after the first `passed`, oldest order first; how many there are)."""

    def _records(self, since: datetime | None, passed: int) -> tuple[list[RawRecord], int]:
        rows, total = self.page(since, passed)
        return [self.record(row) for row in rows], total


class NumberedRows(ChangedRows):
    """The same for a shop whose orders have a number, in the field `number`, that the buyer sees and that is no id."""

    number: ClassVar[str]

    @abstractmethod
    def search(self, number: str) -> Iterable[Row]:
        """What the shop finds for a number, the order to take first; it may find what only holds it, too."""

    def numbered(self, number: str) -> RawRecord | None:
        """The order of that number, with or without `#`; None where the shop knows none."""
        found = self.search(plain_number(number)) if plain_number(number) else ()
        return next((self.record(row) for row in found if named_so(row, self.number, number)), None)
