"""The people at a real Medusa shop: a merchant who fills, edits, cancels and refunds, buyers who order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests

from tools.peers import Peer

WHERE = {
    "first_name": "Ada", "last_name": "Lovelace", "address_1": "Torstraße 1", "city": "Berlin", "postal_code": "10119",
    "country_code": "de",
}  # fmt: skip
SEEN = (
    "id,status,fulfillment_status,*items,*items.detail,*fulfillments,*fulfillments.labels,*payment_collections,"
    "*payment_collections.payments"
)


class _Api:
    """One of the shop's two APIs, with its key."""

    def __init__(self, url: str) -> None:
        self._url, self.session = url, requests.Session()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._call("GET", path, params=query)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._call("POST", path, json=body)

    def _call(self, method: str, path: str, **words: Any) -> dict[str, Any]:
        answer = self.session.request(method, f"{self._url}{path}", timeout=60, **words)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found


class MedusaShop:
    """One real shop (meets `tests.real.shop.RealShop`). `variants`, `items`: sku -> id of variant, inventory item."""

    channel = "medusa"

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._admin, self._store = _Api(f"{peer.address}/admin"), _Api(f"{peer.address}/store")
        self._admin.session.auth = (peer.login["api_key"], "")
        self._store.session.headers["x-publishable-api-key"] = peer.made["shop_key"]
        self._buyers = itertools.count(1)
        self.variants: dict[str, str] = {}
        self.items: dict[str, str] = {}
        self.settings = {"shop_url": peer.address, "calls_per_second": "100"}
        self.secrets = {"api_key": peer.login["api_key"]}

    def close(self) -> None:
        self._admin.session.close()
        self._store.session.close()

    def stock_shelves(self, shelves: Mapping[str, int]) -> None:
        for sku, pieces in shelves.items():
            variant = {
                "title": "One", "sku": sku, "options": {"Size": "One"}, "manage_inventory": True,
                "prices": [{"currency_code": "eur", "amount": 19.99}],
            }  # fmt: skip
            product = self._admin.post(
                "/products?fields=id,*variants,*variants.inventory_items", title=f"Thing {sku}", status="published",
                options=[{"title": "Size", "values": ["One"]}], variants=[variant],
                sales_channels=[{"id": self.peer.made["channel"]}], shipping_profile_id=self.peer.made["profile"],
            )["product"]  # fmt: skip
            (made,) = product["variants"]
            self.variants[sku], self.items[sku] = made["id"], made["inventory_items"][0]["inventory_item_id"]
            level = {"location_id": self.peer.made["location"], "stocked_quantity": pieces}
            self._admin.post(f"/inventory-items/{self.items[sku]}/location-levels", **level)

    def place(self, *basket: tuple[str, int]) -> str:
        made, lines = self.peer.made, [{"variant_id": self.variants[sku], "quantity": pieces} for sku, pieces in basket]
        cart = self._store.post(
            "/carts", region_id=made["region"], sales_channel_id=made["channel"], items=lines,
            email=f"ada{next(self._buyers)}@example.com", shipping_address=WHERE, billing_address=WHERE,
        )["cart"]["id"]  # fmt: skip
        self._store.post(f"/carts/{cart}/shipping-methods", option_id=made["shipping"])
        till = self._store.post("/payment-collections", cart_id=cart)["payment_collection"]["id"]
        self._store.post(f"/payment-collections/{till}/payment-sessions", provider_id="pp_system_default")
        done = self._store.post(f"/carts/{cart}/complete")
        assert done["type"] == "order", done
        ref = str(done["order"]["id"])
        self._admin.post(f"/payments/{self._payment(ref)}/capture")
        return ref

    def order(self, ref: str) -> dict[str, Any]:
        """As the merchant sees it."""
        found: dict[str, Any] = self._admin.get(f"/orders/{ref}", fields=SEEN)["order"]
        return found

    def _payment(self, ref: str) -> str:
        return str(self.order(ref)["payment_collections"][0]["payments"][0]["id"])

    def state(self, ref: str) -> str:
        order = self.order(ref)
        return str(order["status"] if order["status"] != "pending" else order["fulfillment_status"])

    def parcels(self, ref: str) -> list[str]:
        made = self.order(ref)["fulfillments"]
        return sorted(one["labels"][0]["tracking_number"] if one["shipped_at"] else "not shipped" for one in made)

    def on_sale(self, sku: str) -> int:
        """What is stocked less what is reserved."""
        levels = self._admin.get(f"/inventory-items/{self.items[sku]}/location-levels")["inventory_levels"]
        return sum(level["stocked_quantity"] - level["reserved_quantity"] for level in levels)

    def set_on_hand(self, sku: str, pieces: int) -> None:
        place = self.peer.made["location"]
        self._admin.post(f"/inventory-items/{self.items[sku]}/location-levels/{place}", stocked_quantity=pieces)

    def take_off(self, ref: str, sku: str, pieces: int) -> None:
        """An edit of the order, asked for and confirmed."""
        line = next(line for line in self.order(ref)["items"] if line["variant_sku"] == sku)
        edit = f"/order-edits/{ref}"
        self._admin.post("/order-edits", order_id=ref)
        self._admin.post(f"{edit}/items/item/{line['id']}", quantity=line["quantity"] - pieces)
        self._admin.post(f"{edit}/request")
        self._admin.post(f"{edit}/confirm")

    def cancel(self, ref: str) -> None:
        self._admin.post(f"/orders/{ref}/cancel")

    def refund(self, ref: str, amount: Decimal) -> None:
        self._admin.post(f"/payments/{self._payment(ref)}/refund", amount=float(amount))

    def money(self, ref: str) -> tuple[Decimal, Decimal]:
        tills = self.order(ref)["payment_collections"]
        paid, back = (
            sum(Decimal(str(till[name])) for till in tills) for name in ("captured_amount", "refunded_amount")
        )
        return Decimal(paid), Decimal(back)
