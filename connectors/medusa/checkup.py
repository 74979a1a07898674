"""Looks at a server's address, key, stock location and its sales channels; says exactly what is missing."""

from __future__ import annotations

from connectors.kit.http import Api
from connectors.kit.paging import asked
from connectors.kit.places import Places
from connectors.kit.values import Row, rows_of
from connectors.medusa.client import LIST, ORDERS
from hub.canonical.told import told
from hub.ports.channel import Finding

FIELDS = {"order": "id", "fields": "id,name,address_id,*sales_channels"}
KEY = told(
    "the server refused the key: make a secret API key in Settings > Developer > Secret API Keys and enter it again"
)


def locations(api: Api) -> list[Row]:
    """Every stock location of the shop."""
    return list(LIST.every(asked(api.call, "/stock-locations", FIELDS), "stock_locations"))


class Checkup:
    """The check of one server."""

    def __init__(self, api: Api, places: Places) -> None:
        self._api, self._places = api, places

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a refused key or address ends them.

        Medusa's core has no webhooks, so `callback_url` is for nothing.
        """
        answer = self._api.call("GET", ORDERS, params={"limit": "1"}, accept={401, 403, 404})
        if answer.status == 404:
            return (Finding("admin API", False, "no admin API answers there: check shop_url"),)
        if answer.status != 200:
            return (Finding("admin API", True), Finding("secret API key", False, KEY))
        return (Finding("admin API", True), Finding("secret API key", True), *self._place())

    def _place(self) -> tuple[Finding, ...]:
        found, row = self._places.check()
        if row is None:
            return (found,)
        linked, mend = (
            bool(rows_of(row.get("sales_channels"))),
            told("connect it to a sales channel: Settings > Locations"),
        )
        return (found, Finding("sales channel of the location", linked, "" if linked else mend))
