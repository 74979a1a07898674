"""The running sandbox: server, login, queue, account and books in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from connectors.amazon.client import TOKEN
from connectors.amazon.sandbox.errors import AmazonError
from connectors.amazon.sandbox.feeds import Feeds
from connectors.amazon.sandbox.finances import Finances
from connectors.amazon.sandbox.login import Login
from connectors.amazon.sandbox.queue import ARN, KEYS, Queue
from connectors.amazon.sandbox.routes import Routes
from connectors.amazon.sandbox.shop import MARKETPLACE, SELLER, Shop
from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.clock import utc_now

DOCUMENT = re.compile(r"/documents/([^/]+)")


class AmazonSandbox(ShopSandbox):
    """One Amazon seller on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:   makes the keys and faults repeatable.
        faults: decides which faults strike; default: none.
        pending: whether orders wait for their payment when they are placed.
        queue:  whether the connection has a queue.
        search_s: seconds between searches, as the settings say.
        clock:  aware UTC now.
    """

    channel = "amazon"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        pending: bool = False,
        queue: bool = False,
        search_s: int = 0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._pending, self._queued, self._search_s = pending, queue, search_s
        self.shop, self.login = Shop(clock), Login(seed)
        super().__init__(faults or Faults(seed), self.shop)
        self.feeds, self.queue = Feeds(self.shop), Queue(self.shop)
        self.shop.told = self.queue.tell
        self.finances = Finances(self.shop)
        self.routes = Routes(self.shop, self.login, self.feeds, self.queue, self.finances, lambda: self.server.url)
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_write, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        queue = {
            "queue_arn": ARN, "queue_url": f"{self.server.url}/444455556666/orders", "aws_access_key": KEYS.access_key,
        }  # fmt: skip
        return {
            "client_id": self.login.client_id, "seller_id": SELLER, "marketplaces": MARKETPLACE,
            "search_every": str(self._search_s), "api_url": self.server.url, "login_url": self.server.url,
            **(queue if self._queued else {}),
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return {**self.login.secrets, **({"aws_secret_key": KEYS.secret_key} if self._queued else {})}

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return self.shop.place(shopper, basket, pending=self._pending).id

    def refund(self, ref: str, sku: str, pieces: int) -> Decimal:
        with self.shop.lock:
            return self.finances.refund(self.shop.order(ref), sku, pieces)

    def _cancel(self, ref: str) -> bool:
        return self.shop.cancel(self.shop.order(ref))

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.listing(sku).quantity = available

    def _do(self, request: Request) -> Reply:
        document = DOCUMENT.fullmatch(request.path)
        if (request.method, request.path) == ("POST", TOKEN):
            return self.login.token(request)
        if (request.method, request.path) == ("POST", "/"):
            return self.queue.answer(request, self.server.url)
        return self.feeds.document(request, document[1]) if document else self.routes.answer(request)


def _is_write(request: Request) -> bool:
    """Logging in and asking the queue are posts too."""
    return request.method != "GET" and request.path not in {TOKEN, "/"}


def _throttle() -> Reply:
    """Amazon does not say when to come back."""
    return AmazonError(429, "QuotaExceeded", "You exceeded your quota for the requested resource.").reply()


def _failure() -> Reply:
    return AmazonError(500, "InternalFailure", "We encountered an internal error. Please try again.").reply()
