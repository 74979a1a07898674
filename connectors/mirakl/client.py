"""Opens the seller API of one marketplace: address, key, shop, and the pace of each operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.feed import offset_pages
from connectors.kit.http import Answer, Api
from connectors.kit.limiter import Bucket, Gaps
from connectors.kit.settings import call_gaps, calls_per_second
from connectors.mirakl.spec import SPEC
from hub.canonical.errors import ChannelDown
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

ORDERS, OFFERS = "/orders", "/offers"
PAGE = 100
PATIENCE_S = 15.0
"""The longest gap that is waited for here; the hub's claim on a stream must outlive a push with two such waits."""
Row = Mapping[str, Any]


class Seller:
    """The API under `/api`, as one shop. `shop`: what every query says of it. Raises Misconfigured."""

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        url = settings.get("shop_url", "").strip().rstrip("/").removesuffix("/api")
        key = connection.secrets.get("api_key", "").strip()
        if not key:
            unfit("api_key must be set: the seller portal makes one, under your user name > API key", None)
        self.shop = _shop(settings)
        self._gaps = Gaps(call_gaps(settings, SPEC), patience=PATIENCE_S)
        pace = calls_per_second(settings, SPEC)
        self.api = Api(f"{url}/api", {"Authorization": key}, limiter=Bucket(pace, size=2 * pace), setting="shop_url")

    def call(self, method: str, path: str, params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """One call as this shop; the further arguments and errors are those of `Api.call`."""
        return self.api.call(method, path, params={**self.shop, **(params or {})}, **more)

    def wait(self, operation: str) -> None:
        """Wait until this operation may be used again. Raises Throttled."""
        self._gaps.take(operation)

    def rows(self, path: str, name: str, params: Mapping[str, str], offset: int = 0) -> tuple[list[Row], int]:
        """One page of a list: (objects, how many there are in all). Raises ChannelDown."""
        answer = self.call("GET", path, {**params, "max": str(PAGE), "offset": str(offset)})
        total = answer.data.get("total_count") if isinstance(answer.data, Mapping) else None
        if not isinstance(total, int):
            raise ChannelDown(f"{path}: the marketplace sent something else than a list")
        return objects(answer.data, name), total

    def all_rows(self, path: str, name: str) -> Iterator[Row]:
        """Every object of a list. Raises InvariantBroken where a page comes twice."""
        for found, _ in offset_pages(lambda offset: self.rows(path, name, {}, offset), path):
            yield from found

    def order(self, ref: str) -> Row | None:
        """One order as it stands now (OR11 by id: OR12 is deprecated); None where the shop has none."""
        found, _ = self.rows(ORDERS, "orders", {"order_ids": ref}) if ref and "," not in ref else ([], 0)
        return next((row for row in found if row.get("order_id") == ref), None)


def _shop(settings: Mapping[str, str]) -> dict[str, str]:
    shop = settings.get("shop_id", "").strip()
    if shop and not (shop.isascii() and shop.isdigit()):
        return unfit(f"shop_id = {shop!r}: expected the number of your shop, such as 2000", {})
    return {"shop_id": shop} if shop else {}


def one(answer: Answer) -> Row:
    """The object of an answer. Raises ChannelDown."""
    if not isinstance(answer.data, Mapping):
        raise ChannelDown("the marketplace sent something else than an object")
    return answer.data


def objects(value: Any, name: str) -> list[Row]:
    """The objects in a list that may be missing."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
