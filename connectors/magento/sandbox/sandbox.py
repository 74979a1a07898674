"""The running sandbox: server, shop and books in one."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote

from connectors.kit.auth.oauth1 import signature
from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.magento.sandbox.errors import MagentoError, invalid, no_token
from connectors.magento.sandbox.routes import Routes
from connectors.magento.sandbox.shop import Order, Shop
from hub.ports.clock import utc_now

BASE = "/rest/default"
KEYS = ("access_token", "consumer_key", "consumer_secret", "access_token_secret")


class MagentoSandbox(ShopSandbox):
    """One Magento shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:    makes the token and faults repeatable.
        faults:  shared or scripted faults; none strike by default.
        sources: codes; the shelves are those of the first, all of them serve the website.
        paid:    whether orders come paid and invoiced.
        bulk:    whether the settings say that stock goes through the queue.
        signed:  whether it takes signed requests only (OAuth 1.0a), not the token alone.
        clock:   aware UTC now.
    """

    channel = "magento"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        sources: Sequence[str] = ("default",),
        paid: bool = False,
        bulk: bool = False,
        signed: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._paid, self._bulk = paid, bulk
        names = KEYS if signed else KEYS[:1]
        self._keys = {name: hashlib.sha256(f"{seed}{name}".encode()).hexdigest()[:32] for name in names}
        self.shop = Shop(clock, sources)
        super().__init__(faults or Faults(seed), self.shop)
        self.routes = Routes(self.shop)
        self.server = SandboxServer(self._answer, self.faults, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "shop_url": self.server.url, "calls_per_second": "200", "source_code": next(iter(self.shop.sources)),
            "stock_calls": "bulk" if self._bulk else "direct", "refund_refused": "online" if self._paid else "no",
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return dict(self._keys)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        lines = [(self.shop.product(sku), pieces) for sku, pieces in basket]
        return str(self.shop.place(shopper, lines, paid=self._paid).id)

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.shop.edit(self._order(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self._order(ref), "buyer")

    def refund_order(self, ref: str, sku: str, quantity: int) -> bool:
        """The staff pays back some pieces that were not shipped; False where there are not so many."""
        order = self._order(ref)
        lines = {line.id: quantity for line in order.lines if line.product.sku == sku}
        try:
            self.shop.refund(order, lines)
        except MagentoError:
            return False
        return True

    def _set_by_hand(self, sku: str, available: int) -> None:
        main = next(iter(self.shop.sources.values()))
        main[sku] += available - self.shop.salable(sku)

    def _known(self, request: Request) -> bool:
        """Whether the request carries the token, or is signed with all four keys."""
        told, token = request.headers.get("authorization", ""), self._keys["access_token"]
        if "consumer_key" not in self._keys:
            return hmac.compare_digest(told, f"Bearer {token}")
        own = {name: unquote(value) for name, value in re.findall(r'(oauth_[a-z_]+)="([^"]*)"', told)}
        given = own.pop("oauth_signature", "")
        if (own.get("oauth_consumer_key"), own.get("oauth_token")) != (self._keys["consumer_key"], token):
            return False
        secrets = (self._keys["consumer_secret"], self._keys["access_token_secret"])
        made = signature(request.method, self.server.url + request.path, {**request.query, **own}, *secrets)
        return hmac.compare_digest(given, made)

    def _order(self, ref: str) -> Order:
        return self.shop.order(int(ref))

    def _do(self, request: Request) -> Reply:
        if not self._known(request):
            raise no_token()
        if request.body and not request.headers.get("content-type", "").startswith("application/json"):
            raise invalid("The content type is not JSON.")
        path = request.path.removeprefix(BASE) if request.path.startswith(f"{BASE}/") else ""
        return self.routes.answer(path, request)


def _throttle() -> Reply:
    return Reply.json({"message": "Too Many Requests"}, 429, {"retry-after": "1"})


def _failure() -> Reply:
    return Reply.json({"message": "Internal Error. Details are available in Magento log file."}, 500)
