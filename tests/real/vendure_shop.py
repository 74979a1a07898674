"""The people at a real Vendure shop: a merchant who fills, cancels and refunds, buyers who order."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

from connectors.vendure.spec import PERMISSIONS
from tools.peers import Peer

USER = "stockline"
RIGHTS = tuple(group[-1] for group in PERMISSIONS)
"""The narrowest that the check asks for."""
CENTS = 100

ADD = """
mutation Add($variant: ID!, $pieces: Int!) {
  addItemToOrder(productVariantId: $variant, quantity: $pieces) {
    __typename ... on Order { id } ... on ErrorResult { errorCode }
  }
}
"""
CHECK_OUT = """
mutation CheckOut($who: CreateCustomerInput!, $where: CreateAddressInput!, $method: [ID!]!) {
  who: setCustomerForOrder(input: $who) { __typename }
  where: setOrderShippingAddress(input: $where) { __typename }
  method: setOrderShippingMethod(shippingMethodId: $method) { __typename }
  next: transitionOrderToState(state: "ArrangingPayment") { __typename }
}
"""
PAY = """
mutation Pay {
  addPaymentToOrder(input: {method: "dummy", metadata: {}}) { __typename ... on Order { id code state } }
}
"""
SIGN_IN = """
mutation In($user: String!, $password: String!) { login(username: $user, password: $password) { __typename } }
"""
MAKE_ROLE = "mutation Role($input: CreateRoleInput!) { createRole(input: $input) { id } }"
HIRE = "mutation Hire($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }"
MAKE_KEY = "mutation Key($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }"
SIGN_OUT = "mutation Out { logout { success } }"
WHERE = {
    "fullName": "Ada Lovelace", "streetLine1": "Torstraße 1", "city": "Berlin", "postalCode": "10119",
    "countryCode": "DE",
}  # fmt: skip
MAKE_PRODUCT = """
mutation Product($name: String!, $slug: String!) {
  createProduct(input: {translations: [{languageCode: en, name: $name, slug: $slug, description: ""}]}) { id }
}
"""
MAKE_VARIANT = """
mutation Variant($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id sku } }
"""
SET_STOCK = """
mutation Set($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }
"""
SHOWN = """
query Shown($id: ID!) { productVariant(id: $id) { stockLevels { stockOnHand stockAllocated } } }
"""
ORDER = """
query Order($id: ID!) {
  order(id: $id) {
    id code state
    lines { id quantity productVariant { sku } }
    payments { id amount refunds { id state total } }
    fulfillments { state method trackingCode lines { orderLineId quantity } }
  }
}
"""
CANCEL = """
mutation Cancel($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }
"""
REFUND = """
mutation Refund($input: RefundOrderInput!) { refundOrder(input: $input) { __typename ... on Refund { id } } }
"""
SETTLE = """
mutation Settle($input: SettleRefundInput!) { settleRefund(input: $input) { __typename } }
"""


class _Api:
    """One session with one of the shop's two APIs."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def __call__(self, document: str, **variables: Any) -> dict[str, Any]:
        answer = self._session.post(self._url, json={"query": document, "variables": variables}, timeout=60)
        token = answer.headers.get("vendure-auth-token")
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        body = answer.json()
        assert not body.get("errors"), body["errors"]
        found: dict[str, Any] = body["data"]
        return found

    def close(self) -> None:
        self._session.close()


@dataclass(frozen=True)
class Door:
    """How the hub gets in: `password` of USER, and an API key with the same rights."""

    password: str
    api_key: str


class VendureShop:
    """One real shop (meets `tests.real.shop.RealShop`). `variants`: sku -> id of what was put on its shelves."""

    channel = "vendure"

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._admin = _Api(f"{peer.address}/admin-api")
        self._sign_in()
        self._buyers = itertools.count(1)
        self.variants: dict[str, str] = {}
        self.door = Door(*self.hire(USER, RIGHTS))
        self.settings = {"shop_url": peer.address, "username": USER, "calls_per_second": "100"}
        self.secrets = {"password": self.door.password}

    def _sign_in(self) -> None:
        self._admin(SIGN_IN, **self.peer.login)

    def hire(self, name: str, permissions: Sequence[str]) -> tuple[str, str]:
        """A new administrator who may do just this; gives the password and an API key with the same rights."""
        words = {"code": f"role-of-{name}", "description": name, "permissions": list(permissions)}
        role = self._admin(MAKE_ROLE, input=words)["createRole"]["id"]
        password = secrets.token_hex(12)
        person = {"firstName": name, "lastName": name, "emailAddress": name, "password": password, "roleIds": [role]}
        self._admin(HIRE, input=person)
        label = {"languageCode": "en", "name": name}
        key = self._admin(MAKE_KEY, input={"roleIds": [role], "translations": [label]})["createApiKey"]["apiKey"]
        return password, str(key)

    def close(self) -> None:
        self._admin.close()

    def introspect(self, document: str) -> Any:
        return self._admin(document)

    def stock_shelves(self, shelves: Mapping[str, int]) -> None:
        for sku, pieces in shelves.items():
            product = self._admin(MAKE_PRODUCT, name=f"Thing {sku}", slug=sku.lower())["createProduct"]["id"]
            variant = {
                "productId": product, "sku": sku, "price": 1999, "stockOnHand": pieces, "trackInventory": "TRUE",
                "translations": [{"languageCode": "en", "name": f"Thing {sku}"}],
            }  # fmt: skip
            made = self._admin(MAKE_VARIANT, input=[variant])["createProductVariants"]
            self.variants[sku] = made[0]["id"]

    def place(self, *basket: tuple[str, int]) -> str:
        buyer = _Api(f"{self.peer.address}/shop-api")
        for sku, pieces in basket:
            added = buyer(ADD, variant=self.variants[sku], pieces=pieces)["addItemToOrder"]
            assert added["__typename"] == "Order", added
        who = {"firstName": "Ada", "lastName": "Lovelace", "emailAddress": f"ada{next(self._buyers)}@example.com"}
        steps = buyer(CHECK_OUT, who=who, where=WHERE, method=["1"])
        assert {step["__typename"] for step in steps.values()} == {"Order"}, steps
        paid = buyer(PAY)["addPaymentToOrder"]
        assert paid["state"] == "PaymentSettled", paid
        buyer.close()
        return str(paid["id"])

    def order(self, ref: str) -> dict[str, Any]:
        """As the merchant sees it."""
        found: dict[str, Any] = self._admin(ORDER, id=ref)["order"]
        return found

    def state(self, ref: str) -> str:
        return str(self.order(ref)["state"])

    def parcels(self, ref: str) -> list[str]:
        made = self.order(ref)["fulfillments"]
        return sorted(one["trackingCode"] if one["state"] == "Shipped" else one["state"] for one in made)

    def on_sale(self, sku: str) -> int:
        """What is on hand less what is allocated."""
        levels = self._admin(SHOWN, id=self.variants[sku])["productVariant"]["stockLevels"]
        return sum(level["stockOnHand"] - level["stockAllocated"] for level in levels)

    def set_on_hand(self, sku: str, pieces: int) -> None:
        self._admin(SET_STOCK, input=[{"id": self.variants[sku], "stockOnHand": pieces}])

    def take_off(self, ref: str, sku: str, pieces: int) -> None:
        lines = {line["productVariant"]["sku"]: line["id"] for line in self.order(ref)["lines"]}
        self._cancel(ref, [{"orderLineId": lines[sku], "quantity": pieces}])

    def cancel(self, ref: str) -> None:
        left = [{"orderLineId": one["id"], "quantity": one["quantity"]} for one in self.order(ref)["lines"]]
        self._cancel(ref, [line for line in left if line["quantity"]])

    def _cancel(self, ref: str, lines: list[dict[str, Any]]) -> None:
        done = self._admin(CANCEL, input={"orderId": ref, "lines": lines, "reason": "the buyer called"})
        assert done["cancelOrder"]["__typename"] == "Order", done

    def refund(self, ref: str, amount: Decimal) -> None:
        payment = self.order(ref)["payments"][0]["id"]
        wanted = {
            "paymentId": payment, "amount": int(amount * CENTS), "lines": [], "shipping": 0, "adjustment": 0,
            "reason": "late",
        }  # fmt: skip
        made = self._admin(REFUND, input=wanted)["refundOrder"]
        done = self._admin(SETTLE, input={"id": made["id"], "transactionId": "by hand"})
        assert done["settleRefund"]["__typename"] == "Refund", done

    def money(self, ref: str) -> tuple[Decimal, Decimal]:
        payments = self.order(ref)["payments"]
        back = sum(refund["total"] for payment in payments for refund in payment["refunds"])
        return Decimal(sum(payment["amount"] for payment in payments)) / CENTS, Decimal(back) / CENTS

    def end_sessions(self) -> None:
        """Signing out ends every session of that user, the hub's too; the merchant signs in again."""
        self._admin(SIGN_OUT)
        self._sign_in()
