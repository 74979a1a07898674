"""Orders by date of change (`searchOrders`), and between two searches those that the seller's queue tells of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.amazon.client import Row, Seller
from connectors.amazon.place import Place
from connectors.amazon.queue import Queue
from connectors.kit.orders.feed import Given, order_record
from connectors.kit.values import inside, rows_of, text_id
from hub.canonical.errors import BadRecord, InvariantBroken, Rejected
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord
from hub.ports.clock import utc_now

INCLUDED = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES"
"""Buyers and addresses are datasets of the answer, for an application with the role: no restricted token is needed.

The names are those, in that order, to which Amazon's static sandbox answers."""
USUAL, KEPT = timedelta(days=30), timedelta(days=729)
"""How far back a first pull goes where nothing else is said, and how far Amazon keeps orders: two years."""


@dataclass
class _Pull(Given):
    """What one pull has given, and the time of change by order."""

    changed: dict[str, datetime] = field(default_factory=dict)

    def fresh(self, records: Sequence[RawRecord]) -> tuple[RawRecord, ...]:
        found = super().fresh(records)
        self.changed |= {one.ref: one.updated_at for one in found if one.updated_at}
        return found


class OrderFeed:
    """The orders of one seller. The cursor is the time up to which Amazon says that all were given, inclusive.

    A search that is not read to its end keeps its token in the cursor: the next pull goes on there, for a page more
    costs minutes. An order that changes meanwhile leaves the search; the next one, from its end on, has it.

    Args: queue:   tells of changes between searches; None where there is none.
          overlap: how far behind its cursor a search starts.  first: where one without cursor does.
          every:   the least time between two searches.
    """

    def __init__(
        self,
        seller: Seller,
        queue: Queue | None,
        overlap: timedelta,
        first: datetime | None,
        every: timedelta,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._seller, self._queue, self._now = seller, queue, now
        self._overlap, self._first, self._every = overlap, first, every

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """The rest of the search that the cursor stands in, or a new one where it is time; then what the queue tells.

        Raises: InvariantBroken where Amazon sends a page again and says that more follow.
        """
        pull, now = _Pull(), self._now()
        place = Place.read(cursor) if cursor else None
        if place is None or place.token or now - place.since >= self._every:
            for page in self._search(pull, self._start(place, now), cursor):
                yield page
                cursor = page.cursor
        yield from self._told(pull, cursor)

    def _start(self, place: Place | None, now: datetime) -> Place:
        if place is None:
            return Place(max(self._first or now - USUAL, now - KEPT))
        return place if place.token else Place(max(place.since - self._overlap, now - KEPT))

    def _search(self, pull: _Pull, at: Place, known: str | None) -> Iterator[Page]:
        while at.since < self._now():
            at, data = self._ask(at, again=not pull.seen)
            fresh = pull.fresh([order_record(row, "orderId", "lastUpdatedTime") for row in rows_of(data, "orders")])
            until, token = at.until or self._until(data, at), _token(data)
            if token and (not fresh or token == at.token):
                raise InvariantBroken("the search of orders came to a page twice")
            at = Place(at.since, until, token) if token else Place(until)
            if fresh or at.text != known:
                yield Page(fresh, at.text, newest_at=pull.newest)
            if not token:
                return

    def _ask(self, at: Place, *, again: bool) -> tuple[Place, Row]:
        """One page, and where it stands; `again` from the start where the token of an earlier pull has ended."""
        query = {
            "lastUpdatedAfter": iso(at.since), "marketplaceIds": ",".join(self._seller.marketplaces),
            "includedData": INCLUDED, "maxResultsPerPage": "100",
        }  # fmt: skip
        try:
            return at, self._seller.row("searchOrders", query | ({"paginationToken": at.token} if at.token else {}))
        except Rejected:
            if not (at.token and again):
                raise
            return Place(at.since), self._seller.row("searchOrders", query)

    def _until(self, data: Row, at: Place) -> datetime:
        """Up to when a search gives everything: what Amazon says, else now; never before it began."""
        try:
            told = parse_time(data.get("lastUpdatedBefore"), "lastUpdatedBefore")
        except BadRecord:
            told = self._now()
        return max(told, at.since)

    def _told(self, pull: _Pull, cursor: str | None) -> Iterator[Page]:
        """Orders that the queue tells of; its messages are deleted once the page is committed."""
        for batch in self._queue.batches() if self._queue else ():
            late = [ref for ref, at in batch.orders.items() if at is None or at > pull.changed.get(ref, _LONG_AGO)]
            found = [one for ref in late if (one := self.one(ref))]
            yield Page(pull.fresh(found), cursor, (batch.receipt(self._now()),), pull.newest)

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the seller has none."""
        row = self._seller.order(ref, INCLUDED)
        return None if row is None else order_record(row, "orderId", "lastUpdatedTime")


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _token(data: Row) -> str:
    return text_id(inside(data, "pagination", "nextToken"))
