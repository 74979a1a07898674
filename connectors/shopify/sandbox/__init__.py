"""A shop on this machine that speaks Shopify's Admin API: own books, strict about what it takes, faulty on order."""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable, Mapping, Sequence

from connectors.kit.practice.sandbox import Faults, Sandbox, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.shopify.sandbox.books import Books, Item, SandboxOrder
from connectors.shopify.sandbox.costs import PointBucket
from connectors.shopify.sandbox.graph import GraphEndpoint
from connectors.shopify.sandbox.hooks import Hooks
from connectors.shopify.sandbox.mutations import Mutations
from connectors.shopify.sandbox.rest import RestDesk
from connectors.shopify.sandbox.views import Views
from connectors.shopify.spec import API_VERSION

BUCKET_POINTS = 20_000.0
POINTS_PER_SECOND = 10_000.0


class ShopifySandbox(ShopSandbox):
    """One running shop (protocol: `connectors.kit.practice.sandbox.Sandbox`).

    Args: seed:   makes ids, token and secret; an odd one makes webhook headers without the `X-`.
          faults: shared with whoever wants to make them strike.
          points, points_per_second: the cost bucket; the platform's smallest plan has 2000 and 100.
    """

    channel = "shopify"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        points: float = BUCKET_POINTS,
        points_per_second: float = POINTS_PER_SECOND,
    ) -> None:
        chance = random.Random(f"shopify {seed}")  # noqa: S311 - secrets of a sandbox
        faults = faults or Faults(seed)
        self._token, secret = f"shpat_{chance.randbytes(16).hex()}", f"shpss_{chance.randbytes(16).hex()}"
        self.hooks = Hooks(
            faults,
            lambda: f"127.0.0.1:{self.server.port}",
            secret,
            API_VERSION,
            self._location,
            prefix="Shopify-" if seed % 2 else "X-Shopify-",
        )
        self.books = Books(seed, self.hooks.ring)
        super().__init__(faults, self.books, self.hooks.deliverer)
        views = Views(self.books, self.hooks)
        self.bucket = PointBucket(points, points_per_second)
        self._graph = GraphEndpoint(self.books, views, Mutations(self.books, self.hooks, views), self.bucket)
        self._rest = RestDesk(self.books, API_VERSION, lambda: self.server.url)
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_mutation)

    def _location(self) -> int:
        return self.books.location_id

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "shop_url": self.server.url,
            "api_version": API_VERSION,
            "location_id": str(self.books.location_id),
        }

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"access_token": self._token, "webhook_secret": self.hooks.secret}

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        return str(self.books.place(shopper, basket).id)

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        return self.books.edit(int(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        return self.books.cancel(int(ref), "CUSTOMER")

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.books.set_available(self.books.items[sku], available)

    def _do(self, request: Request) -> Reply:
        """The front door: no token, no answer."""
        token = request.headers.get("x-shopify-access-token", "")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            words = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return Reply.json({"errors": words}, 401)
        if request.path == f"/admin/api/{API_VERSION}/graphql.json":
            if request.method != "POST":
                return Reply.json({"errors": "Not Found"}, 404)
            return self._graph.answer(request.body)
        return self._rest.answer(request)


def _is_mutation(request: Request) -> bool:
    return request.method == "POST" and b"mutation" in request.body[:300]


SANDBOX: Callable[[], Sandbox] = ShopifySandbox

__all__ = ["SANDBOX", "Item", "SandboxOrder", "ShopifySandbox"]
