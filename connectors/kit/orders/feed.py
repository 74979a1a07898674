"""Reads changed orders from a channel that pages, also while it is selling and its pages slide."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar

from connectors.kit.values import moment, text_id
from connectors.kit.wire.kept import raw_of
from hub.canonical.errors import BadRecord, InvariantBroken
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord
from hub.ports.clock import utc_now

Ask = Callable[[datetime | None, int], tuple[Sequence[RawRecord], bool]]
"""(changed at or after this time, page from 1) -> records, oldest change first, and whether more may follow."""


@dataclass
class _Walk:
    """Where a pull stands.

    since: the oldest change asked for; page: counts only while one second fills a page.
    seen:  (ref, digest) -> time of change, of records that the next page may bring again.
    """

    since: datetime | None
    newest: datetime | None
    page: int = 1
    seen: dict[tuple[str, bytes], datetime | None] = field(default_factory=dict)

    def fresh(self, records: Sequence[RawRecord]) -> list[RawRecord]:
        """Those not seen yet; they are seen from now on."""
        new = []
        for record in records:
            key = _key(record)
            if key not in self.seen:
                self.seen[key] = record.updated_at
                new.append(record)
        return new

    def advance(self, records: Sequence[RawRecord]) -> None:
        """Ask from the newest change on; where the whole page is of one second, ask for its next page."""
        latest = max((record.updated_at for record in records if record.updated_at), default=None)
        if latest is not None and (self.since is None or latest > self.since):
            self.since, self.page = latest, 1
            self.seen = {key: at for key, at in self.seen.items() if at is None or at >= latest}
        else:
            self.page += 1
        if latest is not None and (self.newest is None or latest > self.newest):
            self.newest = latest


def _key(record: RawRecord) -> tuple[str, bytes]:
    """What tells a record from another, and from the same order before it changed."""
    return record.ref, hashlib.sha256(record.raw).digest()


@dataclass
class Given:
    """What one pull has given so far, for feeds that hear of an order in several ways: seen records, newest change."""

    seen: set[tuple[str, bytes]] = field(default_factory=set)
    newest: datetime | None = None

    def fresh(self, records: Sequence[RawRecord]) -> tuple[RawRecord, ...]:
        """Those not given yet, oldest change first; they are given from now on."""
        new = {_key(record): record for record in records}
        found = [record for key, record in new.items() if key not in self.seen]
        self.seen |= new.keys()
        self.newest = max((at for at in (self.newest, *(one.updated_at for one in found)) if at), default=None)
        return tuple(sorted(found, key=lambda record: (record.updated_at or _LONG_AGO, record.ref)))


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def order_record(row: Any, ref: str, changed: str, zone: tzinfo = UTC) -> RawRecord:
    """An order as it came. `ref`, `changed`: its fields of id and time of change.

    The time is in seconds since 1970 where it is a number, else in `zone` if it names none. A row without an id carries
    the problem; one whose time cannot be read has none.
    """
    found = text_id(row.get(ref)) if isinstance(row, Mapping) else ""
    if not found:
        return RawRecord("unknown", raw_of(row), problem=BadRecord(ref, None, "expected the order's id"))
    return RawRecord(found, raw_of(row), moment(row.get(changed), changed, zone))


class ChangeFeed:
    """The orders of one shop, by date of change.

    A page is followed by asking again from the newest change seen, not by `page=2`: an order that changes meanwhile
    moves to the end of the list and would pull its neighbors over the page's edge, where nobody reads them.

    Args: ask:     asks the shop for one page.
          overlap: how far behind its cursor a pull starts.
          first:   a pull without cursor starts here; None: with the oldest order.
    """

    def __init__(self, ask: Ask, overlap: timedelta, first: datetime | None = None) -> None:
        self._ask, self._overlap, self._first = ask, overlap, first

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest change first; starts `overlap` before the cursor.

        Raises: InvariantBroken where the shop sends a page again that has nothing new, and says that more follow.
        """
        newest = parse_time(cursor, "cursor") if cursor else None
        walk, more = _Walk(newest - self._overlap if newest else self._first, newest), True
        while more:
            records, more = self._ask(walk.since, walk.page)
            fresh = walk.fresh(records)
            if more and walk.page > 1 and not fresh:
                raise InvariantBroken(f"page {walk.page} of the orders came twice")
            walk.advance(records)
            if fresh:
                yield Page(tuple(fresh), iso(walk.newest) if walk.newest else cursor, newest_at=walk.newest)


T = TypeVar("T")


def offset_pages(ask: Callable[[int], tuple[Sequence[T], int]], what: str) -> Iterator[tuple[Sequence[T], bool]]:
    """The pages of a list that is asked for by offset, and whether more follow.

    Args:   ask: rows to pass over -> one page, and how many rows there are.
    Raises: InvariantBroken, naming `what`, where a page comes again.
    """
    offset, total, before = 0, 1, None
    while offset < total:
        rows, total = ask(offset)
        if not rows:
            return
        if rows == before:
            raise InvariantBroken(f"{what}: the page after the first {offset} came twice")
        offset, before = offset + len(rows), rows
        yield rows, offset < total


AskFrom = Callable[[datetime | None, int], tuple[Sequence[RawRecord], int]]
"""(changed at or after this time, orders to pass over) -> records, oldest order first, and how many there are."""


class OffsetFeed:
    """The changed orders of a shop that sorts them by creation only, and pages by offset.

    Nothing leaves the list while it is read: an order that changes meanwhile comes in, or stays where it is. So pages
    may bring an order again, and lose none; an end of the time window would make orders leave it, so there is none.
    The last page alone moves the cursor, because any page may hold the newest change; and never past the time when the
    pull began, because an order that changed later may have been read before.

    Args: now: aware UTC now; the others are those of `ChangeFeed`.
    """

    def __init__(
        self,
        ask: AskFrom,
        overlap: timedelta,
        first: datetime | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ask, self._overlap, self._first, self._now = ask, overlap, first, now

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest order first; starts `overlap` before the cursor.

        Raises: InvariantBroken where the shop sends a page again and says that more follow.
        """
        newest, began = parse_time(cursor, "cursor") if cursor else None, self._now()
        since = newest - self._overlap if newest else self._first
        for records, more in offset_pages(lambda offset: self._ask(since, offset), "orders"):
            times = (min(one.updated_at, began) for one in records if one.updated_at)
            newest = max((at for at in (newest, *times) if at), default=None)
            moved = newest if not more else None
            yield Page(tuple(records), iso(moved) if moved else cursor, newest_at=moved)
