"""Looks at a seller's keys, roles, listings and queue; says exactly what is missing, and subscribes the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from connectors.amazon.client import Seller, one, said
from connectors.amazon.queue import KIND, Queue
from connectors.amazon.refunds import without
from connectors.kit.trials import DENIED, TOLD
from connectors.kit.values import rows_of
from connectors.kit.wire.http import Answer
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Finding

NOBODY = "000-0000000-0000000"
PACKAGE = {
    "packageReferenceId": "1", "carrierCode": "Other", "carrierName": "Other", "trackingNumber": "0",
    "shipDate": "2020-01-01T00:00:00.000Z", "orderItems": [{"orderItemId": "0", "quantity": 1}],
}  # fmt: skip
SUBSCRIBED, DESTINATION = Finding("order changes go into the queue", True), "stockline"
LISTINGS = Finding("access to listings", False, "Product Listing")


@dataclass(frozen=True, slots=True)
class _Trial:
    """A call about an order or a feed that nobody has: what is said of it shows the role, and changes nothing.

    refused: what is told where it is missing; its `mend` names the role.
    """

    refused: Finding
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)


TRIALS = (
    _Trial(Finding("access to orders", False, "Inventory and Order Tracking"), "getOrder", {"orderId": NOBODY}),
    _Trial(
        Finding("access to buyers and addresses", False, "Direct-to-Consumer Shipping (Restricted)"), "getOrder",
        {"orderId": NOBODY}, {"includedData": "BUYER,RECIPIENT"},
    ),
    _Trial(Finding("access to feeds", False, "Product Listing"), "getFeed", {"feedId": "0"}),
)  # fmt: skip
REFUNDS = Finding("access to refunds", False, needed=False)
SHIPPING = Finding("access to shipping", False, "Inventory and Order Tracking")


class Checkup:
    """The check of one seller. `queue`: None where there is none."""

    def __init__(self, seller: Seller, queue: Queue | None) -> None:
        self._seller, self._queue = seller, queue

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; refused keys end them.

        Amazon sends nothing to an address: a queue is asked. So `callback_url` is for nothing.
        """
        try:
            self._seller.grant()
        except AuthFailed as error:
            mend = told(f"{error}; enter LWA client identifier, client secret and refresh token of one application")
            return (Finding("keys and refresh token", False, mend),)
        roles = (*(self._role(trial) for trial in TRIALS), self._shipping(), self._listings(), self._refunds())
        queue = tuple(self._queued(self._queue)) if self._queue else ()
        return (Finding("keys and refresh token", True), *roles, *queue)

    def _role(self, trial: _Trial) -> Finding:
        answer = self._seller.ask(trial.operation, trial.query, accept=TOLD, **trial.path)
        return _role_of(answer, trial.refused)

    def _shipping(self) -> Finding:
        body = {"marketplaceId": self._seller.marketplaces[0], "packageDetail": PACKAGE}
        return _role_of(self._seller.ask("confirmShipment", body=body, orderId=NOBODY, accept=TOLD), SHIPPING)

    def _refunds(self) -> Finding:
        """A call that lacks its dates: Amazon says no to it, once it is allowed."""
        answer = self._seller.ask("listTransactions", {}, accept=TOLD)
        if answer.status not in DENIED:
            return Finding(REFUNDS.what, True)
        return replace(REFUNDS, mend=without(said(answer.data) or answer.status))

    def _listings(self) -> Finding:
        """Seller and marketplaces are of one another; a listing is asked for."""
        query = self._seller.listing_query(pageSize="1")
        answer = self._seller.ask("searchListingsItems", query, sellerId=self._seller.id, accept=TOLD)
        if answer.status in DENIED or answer.status == 200:
            return _role_of(answer, LISTINGS)
        words = said(answer.data) or answer.status
        return replace(LISTINGS, mend=told(f"seller_id, marketplaces and region do not belong together: {words}"))

    def _queued(self, queue: Queue) -> Iterator[Finding]:
        """The queue can be read, and Amazon's order changes go into it."""
        try:
            answer = queue.call("GetQueueAttributes", {"AttributeNames": ["QueueArn"]}, accept=(400, 404))
        except AuthFailed as error:
            yield Finding("queue", False, told(f"the AWS keys were not taken: {error}"))
            return
        if answer.status != 200:
            kind = answer.data.get("__type") if isinstance(answer.data, Mapping) else answer.status
            what = str(kind).rpartition("#")[2]
            yield Finding("queue", False, told(f"there is no such queue ({what}): make it in the Amazon SQS console"))
            return
        yield Finding("queue", True)
        yield self._subscribed(queue)

    def _subscribed(self, queue: Queue) -> Finding:
        try:
            return self._subscription(queue)
        except AuthFailed as error:
            return replace(
                SUBSCRIBED, ok=False, mend=told(f"the application may not subscribe to notifications: {error}")
            )

    def _subscription(self, queue: Queue) -> Finding:
        found = self._seller.ask("getSubscription", {"payloadVersion": "1.0"}, notificationType=KIND, accept={404})
        destination = self._destination(queue)
        if found.status == 404:
            body = {"payloadVersion": "1.0", "destinationId": destination or self._made(queue)}
            self._seller.ask("createSubscription", body=body, notificationType=KIND)
            return replace(SUBSCRIBED, repaired=True)
        payload = one(found, "getSubscription").get("payload")
        if destination and isinstance(payload, Mapping) and payload.get("destinationId") == destination:
            return SUBSCRIBED
        mend = told("they go to another queue: delete that subscription, or enter its queue")
        return replace(SUBSCRIBED, ok=False, mend=mend)

    def _destination(self, queue: Queue) -> str:
        """The id of our queue among the application's destinations; "" where it is none."""
        for row in rows_of(self._seller.row("getDestinations"), "payload"):
            resource = row.get("resource")
            sqs = resource.get("sqs") if isinstance(resource, Mapping) else None
            if isinstance(sqs, Mapping) and sqs.get("arn") == queue.arn:
                return str(row.get("destinationId"))
        return ""

    def _made(self, queue: Queue) -> str:
        body = {"name": DESTINATION, "resourceSpecification": {"sqs": {"arn": queue.arn}}}
        made = self._seller.row("createDestination", body=body).get("payload")
        return str(made.get("destinationId")) if isinstance(made, Mapping) else ""


def _role_of(answer: Answer, refused: Finding) -> Finding:
    """What an answer says of the role that `refused` names."""
    if answer.status not in DENIED:
        return Finding(refused.what, True)
    words, role = said(answer.data) or answer.status, refused.mend
    mend = told(
        f"Amazon refused it ({words}): give the application the role {role}, authorize it again, then check it again: "
        "stockline connection check NAME"
    )
    return replace(refused, mend=mend)
