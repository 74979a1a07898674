"""The sandbox account's ledger: refunds among shipments and fees, told late, in pages, deferred and released."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.amazon.sandbox.errors import AmazonError, invalid
from connectors.amazon.sandbox.shapes import CURRENCY, stamp
from connectors.amazon.sandbox.shop import MARKETPLACE, SELLER, Line, Order, Shop
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time

TOO_NEW, LONGEST = timedelta(minutes=2), timedelta(days=180)
FEE = Decimal("0.15")
"""Of what goods cost, Amazon takes so much, and gives it back with them."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Money:
    """What one refund gives back. shown: from then on it is told. deferred: the id under which it was told before."""

    id: str
    order: Order
    line: Line
    pieces: int
    goods: Decimal
    shipping: Decimal
    posted: datetime
    shown: datetime
    status: str = "RELEASED"
    deferred: str = ""

    @property
    def amount(self) -> Decimal:
        return self.goods + self.shipping


class Finances:
    """The ledger of one account; it is always a few minutes behind.

    late:      from now on a refund shows so long after the time that it bears.
    size:      transactions on a page.  hollow: after each page comes one that is empty.
    ended:     page tokens are not taken any more.  loop_pages: every page names the same next one.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.late, self.size = timedelta(0), 500
        self.hollow, self.ended, self.loop_pages = False, False, False
        self.refunds: list[Money] = []
        self._searches = dict[str, tuple[Mapping[str, str], Sequence[list[Json]]]]()

    def refund(
        self, order: Order, sku: str, pieces: int, *, goods: Decimal | None = None, shipping: Decimal = Decimal(0),
        status: str = "RELEASED",
    ) -> Decimal:  # fmt: skip
        """Give back what pieces of a line cost, or `goods`; returns how much, with postage."""
        line = next(line for line in order.lines if line.listing.sku == sku)
        posted = self._shop.now() - TOO_NEW - timedelta(minutes=3)
        back = line.listing.price * pieces if goods is None else goods
        made = Money(
            f"T{self._shop.new_id()}", order, line, pieces, back, shipping, posted, posted + self.late, status
        )  # fmt: skip
        self.refunds.append(made)
        return made.amount

    def release(self) -> None:
        """What was deferred is released: it stays with another status, and comes once more under a new id."""
        for at, one in enumerate(self.refunds):
            if one.status == "DEFERRED":
                self.refunds[at] = replace(one, status="DEFERRED_RELEASED")
                posted = self._shop.now() - TOO_NEW - timedelta(minutes=1)
                again = replace(one, id=f"T{self._shop.new_id()}", status="RELEASED", deferred=one.id)
                self.refunds.append(replace(again, posted=posted, shown=posted))

    def transactions(self, query: Mapping[str, str]) -> Json:
        """The answer to `listTransactions`. Raises AmazonError 400."""
        asked, token = {name: text for name, text in query.items() if name != "nextToken"}, query.get("nextToken", "")
        if not token:
            return self._page(asked, self._cut(self._found(query)))
        before, pages = self._searches.get(token, ({}, ()))
        if self.ended or before != asked:
            raise invalid("nextToken")
        return self._page(asked, pages)

    def _cut(self, found: list[Json]) -> Sequence[list[Json]]:
        pages = [found[at : at + self.size] for at in range(0, len(found), self.size)] or [[]]
        return [each for page in pages for each in (page, [])] if self.hollow else pages

    def _page(self, asked: Mapping[str, str], pages: Sequence[list[Json]]) -> Json:
        body: Json = {"transactions": pages[0]}
        if self.loop_pages or len(pages) > 1:
            token = "again" if self.loop_pages else f"n{self._shop.new_id()}"
            self._searches[token] = (asked, pages if self.loop_pages else pages[1:])
            body["nextToken"] = token
        return {"payload": body}

    def _found(self, query: Mapping[str, str]) -> list[Json]:
        now = self._shop.now()
        since, until = _time(query.get("postedAfter")), _time(query.get("postedBefore") or stamp(now - TOO_NEW))
        if max(since, until) > now - TOO_NEW or since >= until:
            raise invalid("postedAfter or postedBefore")
        if until - since > LONGEST:
            return []
        told = [(posted, row) for posted, row in self._all(now) if since <= posted < until]
        return [row for _, row in sorted(told, key=lambda each: each[0])]

    def _all(self, now: datetime) -> Iterator[tuple[datetime, Json]]:
        """Everything that is told by now; shipments and fees stand among the refunds."""
        for order in self._shop.orders.values():
            for number in range(len(order.packages)):
                posted = order.updated - TOO_NEW - timedelta(minutes=3)
                yield posted, _transaction("Shipment", f"S{order.id}-{number}", posted, order) | {
                    "totalAmount": _money(order.goods), "description": "Order Payment", "items": [],
                    "breakdowns": [_breakdown("Sales", order.goods, _breakdown("ProductCharges", order.goods))],
                }  # fmt: skip
        fee = now - timedelta(hours=1)
        yield fee, _transaction("ServiceFee", "F1", fee) | {"totalAmount": _money(Decimal("-39.00")), "items": None}
        yield from ((one.posted, _refund(one)) for one in self.refunds if one.shown <= now)


def _refund(one: Money) -> Json:
    fee = (one.goods * FEE).quantize(Decimal("0.01"))
    parts = [
        _breakdown("ProductCharges", -one.goods, _breakdown("OurPricePrincipal", -one.goods)),
        _breakdown("AmazonFees", fee, _breakdown("Commission", fee, _breakdown("Base", fee))),
    ]
    if one.shipping:
        parts.append(_breakdown("Shipping", -one.shipping, _breakdown("ShippingPrincipal", -one.shipping)))
    total = _money(fee - one.amount)
    listing = one.line.listing
    context = {
        "contextType": "ProductContext", "sku": listing.sku, "asin": "B000000001", "quantityShipped": one.pieces,
        "fulfillmentNetwork": "MFN",
    }  # fmt: skip
    adjusted = {"itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID", "itemRelatedIdentifierValue": f"A{one.id}"}
    item = {
        "description": listing.title, "totalAmount": total, "relatedIdentifiers": [adjusted], "breakdowns": parts,
        "contexts": [context],
    }  # fmt: skip
    sums = [
        _breakdown("Refunded Sales", -one.amount, *(each for each in parts if each["breakdownType"] != "AmazonFees")),
        _breakdown("Refunded Expenses", fee, parts[1]),
    ]
    row = _transaction("Refund", one.id, one.posted, one.order) | {"transactionStatus": one.status}
    if one.deferred:
        row["relatedIdentifiers"].append(_identifier("DEFERRED_TRANSACTION_ID", one.deferred))
    return row | {"description": "Refund Order", "totalAmount": total, "items": [item], "breakdowns": sums}


def _transaction(kind: str, ref: str, posted: datetime, order: Order | None = None) -> Json:
    related = [_identifier("FINANCIAL_EVENT_GROUP_ID", "G1")]
    return {
        "sellingPartnerMetadata": {
            "sellingPartnerId": SELLER, "accountType": "Standard Orders", "marketplaceId": MARKETPLACE,
        },
        "transactionType": kind, "transactionId": ref, "transactionStatus": "RELEASED", "postedDate": stamp(posted),
        "relatedIdentifiers": [*related, *([_identifier("ORDER_ID", order.id)] if order else ())],
        "marketplaceDetails": {"marketplaceId": MARKETPLACE, "marketplaceName": "Amazon.de"}, "contexts": None,
    }  # fmt: skip


def _identifier(name: str, value: str) -> Json:
    return {"relatedIdentifierName": name, "relatedIdentifierValue": value}


def _breakdown(kind: str, amount: Decimal, *below: Json) -> Json:
    return {"breakdownType": kind, "breakdownAmount": _money(amount), "breakdowns": list(below) or None}


def _money(amount: Decimal) -> Json:
    """A number, as Amazon writes it here."""
    return {"currencyAmount": float(amount), "currencyCode": CURRENCY}


def _time(text: str | None) -> datetime:
    if not text:
        raise AmazonError(400, "InvalidInput", "Start date cannot be null", "Start date cannot be null")
    try:
        return parse_time(text, "time")
    except BadRecord:
        raise invalid("a time is not in ISO 8601") from None
