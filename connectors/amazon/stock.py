"""Listings and their stock: a few numbers by patches, many by a feed; Amazon takes them now and shows them later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.amazon.client import Row, Seller, said
from connectors.amazon.feeds import Feeds
from connectors.kit.stock.files import FileStock, Report
from connectors.kit.stock.listings import StockByListing
from connectors.kit.stock.shown import Shown
from connectors.kit.values import rows_of, text_id, whole
from connectors.kit.wire.http import Answer
from connectors.kit.wire.jobs import wait_for
from hub.canonical.errors import InvariantBroken
from hub.canonical.faults import unfit
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PAGE, MOST = 20, 1000
"""Listings of one page, and how many of one search can be paged through."""
OURS = "DEFAULT"
LOOKS_S = (0.5, 1.5)
KEPT_S = 900.0
"""How long a number that Amazon has taken is not written again, though another one is still shown."""


@dataclass
class _Taken:
    """Numbers that Amazon has taken and may not show yet: SKU -> (number, until when, by `clock`)."""

    clock: Callable[[], float]
    numbers: dict[str, tuple[int, float]] = field(default_factory=dict)

    def add(self, sku: str, number: int) -> None:
        """Amazon has taken it now."""
        self.numbers[sku] = (number, self.clock() + KEPT_S)

    def shown(self, sku: str, number: int | None) -> None:
        """Amazon shows this number now."""
        if number is not None and self.has(sku, number):
            del self.numbers[sku]

    def has(self, sku: str, number: int) -> bool:
        """Whether it was taken a while ago and was not shown since."""
        taken, until = self.numbers.get(sku, (None, 0.0))
        return taken == number and self.clock() < until


class Stock(FileStock, StockByListing):
    """Listings and numbers of one seller. Remembers what was taken, too.

    Args: feed_from: from so many numbers at once on, they go as a feed.  clock: seconds, monotonic.
    """

    at_once, by_sku = PAGE, "sku"
    status, under_way = "processingStatus", frozenset({"IN_QUEUE", "IN_PROGRESS"})
    waits_s = (1.0, 2.0)
    still = told("Amazon is still at feed {file}")

    def __init__(self, seller: Seller, feed_from: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seller, self._feeds, self._feed_from = seller, Feeds(seller), feed_from
        self._types, self._taken = dict[str, str](), _Taken(clock)

    def listings(self) -> Iterator[ListingOffer]:
        """Every listing whose stock is the seller's own. Raises InvariantBroken where a page comes twice."""
        seen, after, more = set[str](), "", True
        while more:
            found, more = self._search(after)
            fresh = [row for sku, row in found.items() if sku not in seen]
            if more and not fresh:
                raise InvariantBroken(
                    f"{MOST} listings or more were made at {after}; Amazon lists no others of that moment"
                )
            yield from (offer for row in fresh if (offer := offer_of(row)))
            seen, after = seen | found.keys(), max((_made(row) for row in found.values()), default="")

    def _search(self, after: str) -> tuple[dict[str, Row], bool]:
        """(the first thousand listings made at or after `after`, oldest first; whether there may be more of them)."""
        query = self._seller.listing_query(sortBy="createdDate", sortOrder="ASC", pageSize=str(PAGE))
        query |= {"createdAfter": after} if after else {}
        found, token = dict[str, Row](), ""
        while True:
            more = {"pageToken": token} if token else {}
            data = self._seller.row("searchListingsItems", query | more, sellerId=self._seller.id)
            page = {str(row["sku"]): row for row in rows_of(data, "items") if row.get("sku")}
            token = _next(data)
            if token and page.keys() <= found.keys():
                raise InvariantBroken("the search of listings came to a page twice")
            found |= page
            if not token or len(found) >= MOST:
                return found, len(found) >= MOST

    def level(self, row: Row, line: StockLine) -> Shown:
        self._types[self.ref_of(line)] = str(_summary(row).get("productType") or "PRODUCT")
        place = _place(row)
        if place is None:
            return Shown(None, told("Amazon keeps and ships this stock itself (FBA); the hub writes no number there"))
        number = whole(place.get("quantity"), "quantity")
        self._taken.shown(self.ref_of(line), number)
        return Shown(number)

    def rows(self, refs: Sequence[str]) -> dict[str, Row]:
        """The listings of these SKUs; one with a comma in its name is asked for alone."""
        asked = {"identifiersType": "SKU", "identifiers": ",".join(sku for sku in refs if "," not in sku)}
        found = dict[str, Row]()
        if asked["identifiers"]:
            query = self._seller.listing_query(**asked, pageSize=str(PAGE))
            data = self._seller.row("searchListingsItems", query, sellerId=self._seller.id)
            found |= {str(row.get("sku")): row for row in rows_of(data, "items")}
        for sku in (sku for sku in refs if "," in sku):
            answer = self._seller.ask(
                "getListingsItem", self._seller.listing_query(), sellerId=self._seller.id, sku=sku, accept={404}
            )
            found |= {sku: answer.data} if answer.status == 200 and isinstance(answer.data, Mapping) else {}
        return found

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """What Amazon refuses at once is told; a number that it took and does not show yet is to be looked at again."""
        new = {at: line for at, line in lines.items() if not self._taken.has(self.ref_of(line), line.available)}
        if len(new) < self._feed_from:
            refused = {at: answer for at, line in new.items() if (answer := self._patch(line))}
        else:
            refused = self.filed(new)
        rest = {at: line for at, line in lines.items() if at not in refused}
        return self.waiting(lines) or refused | self._look(rest)

    def _patch(self, line: StockLine) -> StockAnswer | None:
        """Why it was refused; None where it was taken."""
        query = {"marketplaceIds": ",".join(self._seller.marketplaces)}
        answer = self._seller.ask(
            "patchListingsItem",
            query,
            body=self._body(line),
            sellerId=self._seller.id,
            sku=self.ref_of(line),
            accept={400},
        )
        why = refused_by(answer)
        if not why:
            self._taken.add(self.ref_of(line), line.available)
        return _refusal(line, why) if why else None

    def _body(self, line: StockLine) -> dict[str, Any]:
        """`merge` leaves the listing's handling time and the like as they are; `replace` would drop them."""
        value = [{"fulfillment_channel_code": OURS, "quantity": line.available}]
        patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}
        return {"productType": self._types[self.ref_of(line)], "patches": [patch]}

    def send(self, lines: Mapping[str, StockLine]) -> str:
        return self._feeds.send({sku: self._body(line) for sku, line in lines.items()})

    def state(self, file: str) -> Row:
        return self._seller.row("getFeed", feedId=file)

    def report(self, file: str, state: Row, refs: Sequence[str]) -> Report:
        """Numbers that a feed took are kept in mind."""
        found = self._feeds.report(file, state, refs)
        for sku in self._numbers.keys() - found.refused.keys() if not found.why else ():
            self._taken.add(sku, self._numbers[sku])
        refused = {sku: _refused(words) for sku, words in found.refused.items()}
        return Report(refused, _refused(found.why) if found.why else "")

    def _look(self, lines: Mapping[int, StockLine]) -> dict[int, StockAnswer]:
        """What is shown of numbers that were taken, after a moment."""

        def numbers() -> dict[int, int | None]:
            return {at: reading.available for at, reading in zip(lines, self.read(list(lines.values())), strict=True)}

        seen = wait_for(
            numbers, lambda now: all(now[at] == line.available for at, line in lines.items()), waits_s=LOOKS_S
        ) if lines else {}  # fmt: skip
        return {at: _seen(line, seen[at]) for at, line in lines.items()}


def feed_from(settings: Mapping[str, str]) -> int:
    """The setting of that name. Raises Misconfigured."""
    text = settings.get("feed_from", "").strip() or "20"
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        return unfit(f"feed_from = {text!r}: expected a whole number from 1 on", 1)
    return int(text)


def refused_by(answer: Answer) -> str:
    """Why Amazon did not take a patch, in its words; "" where it took it."""
    status = answer.data.get("status") if isinstance(answer.data, Mapping) else answer.status
    if answer.status == 200 and status == "ACCEPTED":
        return ""
    return said(answer.data, "issues") or said(answer.data) or f"{status}"


def _next(data: Row) -> str:
    pagination = data.get("pagination")
    return text_id(pagination.get("nextToken")) if isinstance(pagination, Mapping) else ""


def _summary(row: Row) -> Row:
    return next(iter(rows_of(row, "summaries")), {})


def _made(row: Row) -> str:
    return str(_summary(row).get("createdDate") or "")


def _place(row: Row) -> Row | None:
    """The listing's own stock, {} where none was told yet; None where Amazon keeps it."""
    places = rows_of(row, "fulfillmentAvailability")
    ours = [one for one in places if one.get("fulfillmentChannelCode") == OURS]
    return next(iter(ours), None if places else {})


def offer_of(row: Row) -> ListingOffer | None:
    """A listing as the hub knows it; None where Amazon keeps its stock."""
    place, sku = _place(row), str(row["sku"])
    if place is None:
        return None
    title = str(_summary(row).get("itemName") or "") or None
    return ListingOffer(sku, sku, title, None, whole(place.get("quantity"), "quantity"), {"sku": sku})


def _refused(words: str) -> str:
    said = words[:300]
    why = f"Amazon refused it: {said}"
    return why


def _refusal(line: StockLine, words: str) -> StockAnswer:
    return StockAnswer(line.listing_ref, False, _refused(words))


def _seen(line: StockLine, number: int | None) -> StockAnswer:
    if number == line.available:
        return StockAnswer(line.listing_ref, True, seen=number)
    why = told("Amazon has taken the number and does not show it yet")
    return StockAnswer(line.listing_ref, False, why, retry=True, seen=number)
