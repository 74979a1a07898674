"""One Shopify shop behind the channel port; what the words mean lies in `mappings/shopify`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from connectors.kit.http import Api, is_loopback
from connectors.kit.limiter import CostBucket
from connectors.kit.signatures import secrets_of
from connectors.shopify.checkup import Places, check_access, check_webhooks
from connectors.shopify.client import POINTS, POINTS_PER_SECOND, GraphQL
from connectors.shopify.documents import VARIANTS
from connectors.shopify.feed import OrderFeed
from connectors.shopify.ids import number
from connectors.shopify.orders import read_orders
from connectors.shopify.shipments import ShippingDesk
from connectors.shopify.spec import API_VERSION, SPEC
from connectors.shopify.stock import StockDesk, available
from connectors.shopify.webhooks import read_webhook
from hub.canonical.errors import BadRecord
from hub.canonical.faults import unfit
from hub.canonical.order import Order
from hub.ports.channel import (
    BaseChannel,
    Connection,
    ConnectorFactory,
    Dispatch,
    Finding,
    ListingOffer,
    Notice,
    OrderAnswer,
    Page,
    RawRecord,
    StockAnswer,
    StockLine,
    StockReading,
)

VARIANTS_A_PAGE = 100
VERSION = re.compile(r"\d{4}-\d{2}|unstable")


class Shopify(BaseChannel):
    """One Shopify shop. Orders sort by `updatedAt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._settings, self._secrets = connection.settings, connection.secrets
        bucket = CostBucket(POINTS_PER_SECOND, POINTS)
        token = _needed(self._secrets, "access_token")
        self._api = Api(
            _needed(self._settings, "shop_url").rstrip("/"),
            {"X-Shopify-Access-Token": token},
            limiter=bucket,
            secrets=[value for value in self._secrets.values() if value],
            setting="shop_url",
        )
        self._graph = GraphQL(self._api, self._version(), bucket)
        wanted = self._settings.get("location_id", "").strip()
        self._places = Places(self._graph, wanted)
        self._feed = OrderFeed(self._graph, timedelta(seconds=SPEC.overlap_s))
        self._stock = StockDesk(self._graph, self._places.location)
        notify = self._settings.get("notify_customer", "no").strip().lower() in {"yes", "true", "1"}
        self._shipping = ShippingDesk(self._graph, wanted.rpartition("/")[2], notify=notify)

    def _version(self) -> str:
        version = self._settings.get("api_version", "").strip() or API_VERSION
        if not VERSION.fullmatch(version):
            return unfit(f"api_version {version!r} is none; enter one such as {API_VERSION}", API_VERSION)
        return version

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        findings = list(check_access(self._api, self._graph))
        if not findings[0].ok:
            return tuple(findings)
        findings.append(self._places.check())
        if callback_url:
            findings.extend(check_webhooks(self._graph, callback_url, is_loopback))
        return tuple(findings)

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        return self._feed.pull(cursor)

    def fetch_order(self, ref: str) -> RawRecord | None:
        return self._feed.one(ref)

    def find_order(self, number: str) -> RawRecord | None:
        return self._feed.numbered(number)

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = read_orders(record.raw, self._settings)
        if not orders:
            raise BadRecord("body", record.raw[:100].decode("utf-8", "replace"), "expected an order, found none")
        return orders

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        names = ("webhook_secret", "webhook_secret_previous")
        secrets = [secret for name in names for secret in secrets_of(self._secrets.get(name, ""))]
        return read_webhook(headers, raw, secrets)

    def pull_listings(self) -> Iterator[ListingOffer]:
        """Every variant; `listing_ref` is the variant's number, `available` what stands at our location."""
        location = self._places.location()
        asked = {"first": VARIANTS_A_PAGE, "after": None, "location": location}
        for connection in self._graph.pages(VARIANTS, asked, "productVariants", ("first",)):
            for node in connection["nodes"]:
                yield ListingOffer(
                    listing_ref=number(node["id"], "id"),
                    sku=node["sku"] or None,
                    title=node["displayName"],
                    barcode=node["barcode"] or None,
                    available=available(node["inventoryItem"]),
                    place={
                        "inventory_item_id": number(node["inventoryItem"]["id"], "inventoryItem.id"),
                        "location_id": number(location, "location_id"),
                    },
                )

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        return self._stock.push(lines)

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        return self._stock.read(listings)

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        """`key` is not sent: Shopify takes none here, so its fulfillments are read before anything is created."""
        self._shipping.ship(dispatch)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        """Only refusals: an order that Shopify took needs no acceptance."""
        if answer.accepted:
            raise self._no("accept_order")
        self._shipping.refuse(answer)


def _needed(values: Mapping[str, str], name: str) -> str:
    return values.get(name, "").strip() or unfit(f"{name} is not set for this Shopify connection", "")


CONNECTOR: ConnectorFactory = Shopify
