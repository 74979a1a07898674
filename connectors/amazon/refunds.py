"""Refunds: what the Finances API tells as transactions (`listTransactions`), a list for all orders at once.

Sources: `models/finances-api-model/finances_2024-06-19.json` of amzn/selling-partner-api-models; "Deprecation of
Finances v0 operations" in Amazon's changelog: the event lists of v0 are not to be used any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.amazon.client import Row, Seller, one, said
from connectors.amazon.place import Place
from connectors.kit.trials import DENIED
from connectors.kit.values import inside, moment, rows_of, text_id
from connectors.kit.wire.exact_json import dumps_exact
from hub.canonical.errors import BadRecord, InvariantBroken, NotAllowed, Rejected
from hub.canonical.refund import Refund
from hub.canonical.times import iso
from hub.canonical.told import told
from hub.ports.channel import Page, RawRecord
from hub.ports.clock import utc_now
from mappings.engine import decode_json, refund_mapping

ROLE = "Finance and Accounting"
REFUND: Final = "refund"
USUAL, KEPT = timedelta(days=30), timedelta(days=729)
"""How far back a first pull goes where nothing else is said, and as long as Amazon keeps orders."""
LATE = timedelta(days=3)
"""Amazon tells transactions up to two days after the time that they bear; so far behind its cursor a pull starts."""
SETTLED = timedelta(minutes=3)
"""A search must end more than two minutes before it is asked for."""
LONGEST = timedelta(days=179)
"""Of more than 180 days Amazon gives nothing."""


class RefundFeed:
    """The refunds of one seller, whatever order they belong to. The cursor is the end of the searches read, inclusive.

    A search that is not read to its end keeps its token in the cursor. Marketplaces are not asked for one by one: of
    the US, Amazon leaves out the merchant's own orders then.

    Args: first: where a pull without cursor starts.
    """

    def __init__(self, seller: Seller, first: datetime | None, now: Callable[[], datetime] = utc_now) -> None:
        self._seller, self._first, self._now = seller, first, now

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Searches of at most half a year, oldest first; pages without refunds only move the cursor.

        Raises: NotAllowed where the application lacks the role; InvariantBroken where Amazon names a page again.
        """
        end = self._now() - SETTLED
        at = self._start(Place.read(cursor) if cursor else None, end)
        while at.since < end:
            for place, page in self._search(at, min(at.since + LONGEST, end)):
                at = place
                yield page

    def _start(self, place: Place | None, end: datetime) -> Place:
        if place is None:
            return Place(max(self._first or end - USUAL, end - KEPT))
        return place if place.token else Place(max(place.since - LATE, end - KEPT))

    def _search(self, at: Place, end: datetime) -> Iterator[tuple[Place, Page]]:
        """The pages of one search, and where it stands after each."""
        until, seen, first = at.until or end, {at.token}, True
        while True:
            at, data = self._ask(at, until, again=first)
            token, first = text_id(data.get("nextToken")), False
            if token and token in seen:
                raise InvariantBroken("the search of refunds came to a page twice")
            seen.add(token)
            at = Place(at.since, until, token) if token else Place(until)
            yield at, Page(tuple(_records(data)), at.text)
            if not token:
                return

    def _ask(self, at: Place, until: datetime, *, again: bool) -> tuple[Place, Row]:
        """One page, and where it stands; `again` from the start where the token of an earlier pull has ended."""
        query = {"postedAfter": iso(at.since), "postedBefore": iso(until)}
        try:
            return at, self._row(query | ({"nextToken": at.token} if at.token else {}))
        except _NoRole:
            raise
        except Rejected:
            if not (at.token and again):
                raise
            return Place(at.since), self._row(query)

    def _row(self, query: Mapping[str, str]) -> Row:
        answer = self._seller.ask("listTransactions", query, accept=DENIED)
        if answer.status in DENIED:
            raise _NoRole(without(said(answer.data) or answer.status))
        payload = one(answer, "listTransactions").get("payload")
        return payload if isinstance(payload, Mapping) else {}


class _NoRole(NotAllowed):
    """The application may not read the seller's finances."""


def without(words: object) -> str:
    """What is missing, and what is lost without it, for people."""
    return told(
        f"Amazon refused it ({words}): refunds do not arrive until the application has the role {ROLE} and is "
        "authorized again; then check it: stockline connection check NAME. Orders, stock and parcels go on without it"
    )


def _records(data: Row) -> Iterator[RawRecord]:
    """The refunds among the transactions; others (shipments, fees, payments) are none of ours."""
    for row in rows_of(data, "transactions"):
        if str(row.get("transactionType") or "").strip().lower() == REFUND:
            yield _record(row)


def _record(row: Row) -> RawRecord:
    ref, posted = text_id(row.get("transactionId")), moment(row.get("postedDate"), "postedDate")
    problem = None if ref else BadRecord("transactionId", row.get("transactionId"), "expected the transaction's id")
    return RawRecord(ref or "unknown", dumps_exact(row), posted, problem, REFUND)


_READ = refund_mapping("amazon", "refunds")


def read_refund(record: RawRecord, settings: Mapping[str, str]) -> tuple[Refund, ...]:
    """Translates one transaction. Raises BadRecord."""
    row: Any = decode_json(record.raw)
    if not isinstance(row, Mapping) or str(inside(row, "transactionType")).strip().lower() != REFUND:
        raise BadRecord("transactionType", inside(row, "transactionType"), "expected a transaction of the type Refund")
    return (_READ(row, settings),)
