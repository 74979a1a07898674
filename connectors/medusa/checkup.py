"""Looks at a server's address, key, stock location and its sales channels; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kit.checking import StepCheckup, door, judged
from connectors.kit.stock.places import Places
from connectors.kit.values import Row, rows_of
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import asked
from connectors.medusa.client import LIST, ORDERS
from hub.ports.channel import Finding

FIELDS = {"order": "id", "fields": "id,name,address_id,*sales_channels"}
ADDRESS = Finding("admin API", False, "no admin API answers there: check shop_url")
KEY = Finding(
    "secret API key",
    False,
    "the server refused the key: make a secret API key in Settings > Developer > Secret API Keys and enter it again",
)


def locations(api: Api) -> list[Row]:
    """Every stock location of the shop."""
    return list(LIST.every(asked(api.call, "/stock-locations", FIELDS), "stock_locations"))


class Checkup(StepCheckup):
    """The check of one server."""

    def __init__(self, api: Api, places: Places) -> None:
        self._api, self._places = api, places

    def steps(self, callback_url: str | None) -> Iterator[Finding]:
        """Address and key, then the location. Medusa's core has no webhooks, so `callback_url` is for nothing."""
        yield from door(self._api, ORDERS, ADDRESS, KEY, query={"limit": "1"})
        found, row = self._places.check()
        yield found
        linked = bool(rows_of(row, "sales_channels"))
        yield judged("sales channel of the location", linked, "connect it to a sales channel: Settings > Locations")
