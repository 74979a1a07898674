"""Tells Shopify what was shipped or refused; looks first what Shopify already knows, so that repeating does nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.orders.parcels import whole_pieces
from connectors.kit.orders.room import named
from connectors.kit.values import filled
from connectors.shopify.client import GraphQL, next_page, refused
from connectors.shopify.documents import CANCEL, CANCELLED, MORE_SHIPPABLE, SHIP, SHIPPABLE
from connectors.shopify.ids import gid, number
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch, OrderAnswer

LIVE = frozenset({"SUCCESS", "OPEN", "PENDING"})
SHIPPABLE_STATES = frozenset({"OPEN", "IN_PROGRESS"})
NOTE_LENGTH = 255


@dataclass(frozen=True, slots=True)
class _Open:
    """What one line of one fulfillment order still waits for."""

    order_id: str
    location: str
    line_id: str
    line_ref: str
    remaining: int


class ShippingDesk:
    """Shipments and refusals of one shop.

    Args: location: number of the preferred location ("" for none); its fulfillment orders are used up first.
    """

    def __init__(self, graph: GraphQL, location: str, *, notify: bool) -> None:
        self._graph, self._location, self._notify = graph, location, notify

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Create the fulfillments that the parcel still lacks, as far as Shopify has room for them. It takes no `key`.

        A parcel that left just before the buyer took pieces off the order holds more than is left to fulfill there:
        what has room is told.
        Raises: NotFound: no such order. Conflict: Shopify has no room for any of it (cancelled), or refused.
        """
        order = self._order(dispatch.order_ref)
        tracking = dispatch.tracking_no or dispatch.shipment_no
        told = _told(order["fulfillments"], tracking)
        missing = whole_pieces(dispatch.lines, lambda ref: number(ref, "line_ref")) - told
        if not missing:
            return
        for chosen in self._chosen(order["open"], order["held"], missing, known=bool(told)):
            answer = self._graph.mutate(SHIP, {"fulfillment": self._body(chosen, dispatch, tracking)})
            refused(answer["fulfillmentCreate"]["userErrors"], f"shipment {dispatch.shipment_no}")

    def _order(self, ref: str) -> dict[str, Any]:
        """The order with its fulfillments, and the open and held lines of all its fulfillment orders."""
        variables: dict[str, Any] = {"id": gid("Order", ref, "order_ref"), "after": None}
        order: dict[str, Any] | None = None
        found, held, seen = list[_Open](), list[_Open](), set[str]()
        while True:
            order = self._graph.query(SHIPPABLE, variables)["order"]
            if order is None:
                raise NotFound(f"Shopify has no order {ref}")
            for node in order["fulfillmentOrders"]["nodes"]:
                (found if node["status"] in SHIPPABLE_STATES else held).extend(self._open(node))
            variables["after"] = next_page(order["fulfillmentOrders"], seen)
            if variables["after"] is None:
                return order | {"open": found, "held": held}

    def _open(self, node: Mapping[str, Any]) -> Iterator[_Open]:
        location = ((node["assignedLocation"] or {}).get("location") or {}).get("id") or ""
        lines, seen = node["lineItems"], set[str]()
        while True:
            for line in lines["nodes"]:
                if line["remainingQuantity"] > 0:
                    ref = number(line["lineItem"]["id"], "lineItem.id")
                    yield _Open(node["id"], location, line["id"], ref, line["remainingQuantity"])
            after = next_page(lines, seen)
            if after is None:
                return
            lines = self._graph.query(MORE_SHIPPABLE, {"id": node["id"], "after": after})["fulfillmentOrder"][
                "lineItems"
            ]

    def _chosen(
        self, found: Sequence[_Open], held: Sequence[_Open], missing: Counter[str], *, known: bool
    ) -> Iterator[list[tuple[_Open, int]]]:
        """Takes by location: one fulfillment cannot span two. `known`: Shopify has a part of this parcel already."""
        left, takes = Counter(missing), dict[str, list[tuple[_Open, int]]]()
        for line in sorted(found, key=lambda line: line.location.rpartition("/")[2] != self._location):
            take = min(line.remaining, left[line.line_ref])
            if take > 0:
                left[line.line_ref] -= take
                takes.setdefault(line.location, []).append((line, take))
        waits = any(line.line_ref in +left for line in held)
        if waits or not (takes or known):
            raise _too_much(+left, held)
        yield from takes.values()

    def _body(self, chosen: Sequence[tuple[_Open, int]], dispatch: Dispatch, tracking: str) -> dict[str, Any]:
        orders: dict[str, list[dict[str, Any]]] = {}
        for line, take in chosen:
            orders.setdefault(line.order_id, []).append({"id": line.line_id, "quantity": take})
        info = {"number": tracking, "company": dispatch.carrier or None, "url": dispatch.tracking_url}
        return {
            "lineItemsByFulfillmentOrder": [
                {"fulfillmentOrderId": order_id, "fulfillmentOrderLineItems": lines}
                for order_id, lines in orders.items()
            ],
            "trackingInfo": filled(info),
            "notifyCustomer": self._notify,
        }

    def refuse(self, answer: OrderAnswer) -> None:
        """Cancel the order for want of stock, restock and refund it. Raises NotFound, Conflict (shipped meanwhile)."""
        if self._is_cancelled(answer.order_ref):
            return
        variables = {
            "orderId": gid("Order", answer.order_ref, "order_ref"),
            "staffNote": answer.reason[:NOTE_LENGTH],
            "notifyCustomer": self._notify,
        }
        errors = self._graph.mutate(CANCEL, variables)["orderCancel"]["orderCancelUserErrors"]
        if errors and not self._is_cancelled(answer.order_ref):
            refused(errors, f"to cancel order {answer.order_ref}")

    def _is_cancelled(self, ref: str) -> bool:
        order = self._graph.query(CANCELLED, {"id": gid("Order", ref, "order_ref")})["order"]
        if order is None:
            raise NotFound(f"Shopify has no order {ref}")
        return order["cancelledAt"] is not None


def _told(fulfillments: Sequence[Mapping[str, Any]], tracking: str) -> Counter[str]:
    """Line number -> pieces that Shopify already knows to be in this parcel."""
    told: Counter[str] = Counter()
    for fulfillment in fulfillments:
        numbers = {info["number"] for info in fulfillment["trackingInfo"]}
        if fulfillment["status"] in LIVE and tracking in numbers:
            for row in fulfillment["fulfillmentLineItems"]["nodes"]:
                told[number(row["lineItem"]["id"], "lineItem.id")] += row["quantity"] or 0
    return told


def _too_much(left: Counter[str], held: Sequence[_Open]) -> Conflict:
    waiting = sum(line.remaining for line in held if line.line_ref in left)
    hint = f"; {waiting} are on hold or scheduled in Shopify: release them there" if waiting else ""
    return Conflict(f"Shopify has no room for this shipment: too many are {named(left)}{hint}")
