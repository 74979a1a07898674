"""Looks at a server's address, key, stock location and its sales channels; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.kit.http import Api
from connectors.medusa.client import Row, every, rows_of
from hub.canonical.errors import Misconfigured
from hub.ports.channel import Finding

LOCATIONS = "/stock-locations"
FIELDS = {"fields": "id,name,address_id,*sales_channels"}
KEY = "the server refused the key: make a secret API key in Settings > Developer > Secret API Keys and enter it again"


class Places:
    """The stock location that the hub writes to. `wanted`: its id from the settings; "" takes the only one there is."""

    def __init__(self, api: Api, wanted: str) -> None:
        self._api, self._found = api, wanted.strip()

    def rows(self) -> list[Row]:
        """Every location of the shop."""
        return [row for page in every(self._api, LOCATIONS, "stock_locations", FIELDS) for row in page]

    def location(self) -> str:
        """Its id. Raises Misconfigured naming the choices where the settings leave it open."""
        if not self._found:
            rows = self.rows()
            if len(rows) != 1:
                raise Misconfigured(f"location_id is not set and the shop has {_choices(rows)}; enter one of them")
            self._found = str(rows[0]["id"])
        return self._found


class Checkup:
    """The check of one server."""

    def __init__(self, api: Api, places: Places) -> None:
        self._api, self._places = api, places

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; a refused key or address ends them.

        Medusa's core has no webhooks, so `callback_url` is for nothing.
        """
        answer = self._api.call("GET", "/orders", params={"limit": "1"}, accept={401, 403, 404})
        if answer.status == 404:
            return (Finding("admin API", False, "no admin API answers there: check shop_url"),)
        if answer.status != 200:
            return (Finding("admin API", True), Finding("secret API key", False, KEY))
        return (Finding("admin API", True), Finding("secret API key", True), *self._place())

    def _place(self) -> tuple[Finding, ...]:
        try:
            wanted = self._places.location()
        except Misconfigured as error:
            return (Finding("stock location", False, str(error)),)
        rows = self._places.rows()
        row = next((row for row in rows if row.get("id") == wanted), None)
        if row is None:
            mend = f"location_id {wanted} is not there; there is {_choices(rows)}"
            return (Finding("stock location", False, mend),)
        linked, mend = bool(rows_of(row.get("sales_channels"))), "connect it to a sales channel: Settings > Locations"
        found = Finding(f"stock location {row.get('name')} ({wanted})", True)
        return (found, Finding("sales channel of the location", linked, "" if linked else mend))


def _choices(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row.get('name')} = {row.get('id')}" for row in rows) or "no stock location"
