"""One shop behind the channel port: its address and token, its orders, and the check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.exact_json import dumps_exact
from connectors.kit.feed import ChangeFeed
from connectors.kit.http import Api, Bearer
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second, first_pull
from connectors.kit.shop import ShopChannel
from connectors.kit.values import text_id
from hub.canonical.errors import AuthFailed, BadRecord
from hub.canonical.faults import unfit
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Channel, Connection, Finding, RawRecord

from .orders import read_orders
from .shipments import Shipments
from .spec import SPEC
from .stock import Stock


def open_api(connection: Connection) -> Api:
    """The shop's API below `/api`. Raises Misconfigured."""
    token = connection.secrets.get("token", "").strip()
    if not token:
        unfit("token must be set: the shop's admin shows it", None)
    pace = calls_per_second(connection.settings, SPEC)
    url = connection.settings.get("shop_url", "").strip().rstrip("/")
    return Api(
        f"{url}/api", auth=Bearer(token), limiter=Bucket(pace, size=2 * pace), secrets=[token], setting="shop_url"
    )


class Orders:
    """Orders by date of change: `GET /orders?changed_since=&page=`, oldest change first."""

    def __init__(self, api: Api, overlap: timedelta, first: datetime | None) -> None:
        self._api = api
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        query = {"page": str(page)} | ({"changed_since": iso(since)} if since else {})
        data = self._api.call("GET", "/orders", params=query).data
        return [_record(row) for row in data["orders"]], bool(data["more"])

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        answer = self._api.call("GET", f"/orders/{ref}", accept={404})
        return None if answer.status == 404 else _record(answer.data)


def _record(row: Mapping[str, Any]) -> RawRecord:
    """The order untouched; what is wrong with its time is told when it is translated."""
    try:
        changed = parse_time(row.get("changed_at"), "changed_at")
    except BadRecord:
        changed = None
    return RawRecord(text_id(row.get("id")) or "unknown", dumps_exact(row), changed)


class Checkup:
    """Looks at address and token. There are no webhooks to register."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """One finding for each thing that a person may have to mend."""
        try:
            found = self._api.call("GET", "/products", params={"page": "1"}, accept={404})
        except AuthFailed:
            return (Finding("token", False, "the shop refused it: make a new one in its admin"),)
        if found.status == 404:
            return (Finding("address", False, "no shop answers there: check shop_url"),)
        return (Finding("address", True), Finding("token", True))


class Shop(ShopChannel):
    """One shop. Orders sort by `changed_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, api = connection.settings, open_api(connection)
        orders = Orders(api, timedelta(seconds=SPEC.overlap_s), first_pull(settings))
        super().__init__(settings, read_orders, orders, Stock(api), Shipments(api), Checkup(api))


CONNECTOR: Callable[[Connection], Channel] = Shop
