"""Looks whether a connection can work: sign-in, permissions, stock location, and what the server counts by."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kit.checking import Step, StepCheckup, judged
from connectors.kit.stock.places import Places
from connectors.kit.values import Row
from connectors.vendure.client import LIST, GraphQL
from connectors.vendure.documents import CHANNEL, LOCATIONS, ME, ORDERS, SHOP_SETTINGS, VARIANTS
from connectors.vendure.spec import PERMISSIONS
from hub.canonical.errors import AuthFailed, Misconfigured
from hub.canonical.told import told
from hub.ports.channel import Finding

UNTRACKED = told("switch on Track inventory by default in Vendure's global settings")


def locations(graph: GraphQL) -> list[Row]:
    """Every stock location of the shop."""
    return list(LIST.every(graph.lists(LOCATIONS, "stockLocations", {"sort": {"id": "ASC"}}), "items"))


class Checkup(StepCheckup):
    """The check of one shop. `decimals`: how many the settings say that amounts have."""

    def __init__(self, graph: GraphQL, places: Places, decimals: int) -> None:
        self._graph, self._places, self._decimals = graph, places, decimals

    def steps(self, callback_url: str | None) -> Iterator[Step]:
        """Address and sign-in, permissions, then location and what the server counts by. There is no webhook."""
        try:
            channel = self._graph.query(CHANNEL, {})["activeChannel"]
        except AuthFailed as error:
            yield Finding("sign-in", ok=False, mend=f"enter user name and password, or the API key, again ({error})")
            return
        except Misconfigured as error:
            yield Finding("shop", ok=False, mend=str(error))
            return
        yield Finding("sign-in", ok=True)
        yield self._tried() if self._graph.by_key else _permissions(channel, self._graph.query(ME, {})["me"])
        found = self._graph.query(SHOP_SETTINGS, {})["globalSettings"]
        kept = found["serverConfig"]["moneyStrategyPrecision"]
        decimals = judged(
            "decimals of amounts", kept == self._decimals, f"the server keeps {kept}: set money_decimals to {kept}"
        )
        yield self._places.check()[0], decimals, judged("inventory tracking", bool(found["trackInventory"]), UNTRACKED)

    def _tried(self) -> Finding:
        """Of an API key only reading can be tried."""
        try:
            for document in (ORDERS, VARIANTS, LOCATIONS):
                self._graph.query(document, {"options": {"take": 1}})
        except AuthFailed as error:
            return Finding("permissions", ok=False, mend=f"give the API key a role with all of the README's ({error})")
        return Finding("permissions", ok=True)


def _permissions(channel: Row, user: Row) -> Finding:
    granted = {word for row in user["channels"] if row["token"] == channel["token"] for word in row["permissions"]}
    missing = [" or ".join(group) for group in PERMISSIONS if granted.isdisjoint(group)]
    if missing:
        mend = f"missing in channel {channel['code']}: {', '.join(missing)}; add them to the user's role"
        return Finding("permissions", ok=False, mend=mend)
    return Finding(told(f"permissions in channel {channel['code']}"), ok=True)
