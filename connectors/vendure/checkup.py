"""Looks whether a connection can work: sign-in, permissions, stock location, and what the server counts by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.places import Places
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import CHANNEL, LOCATIONS, ME, ORDERS, SHOP_SETTINGS, VARIANTS
from connectors.vendure.spec import PERMISSIONS
from hub.canonical.errors import AuthFailed, Misconfigured
from hub.canonical.told import told
from hub.ports.channel import Finding

MOST_LOCATIONS = 100
Node = Mapping[str, Any]


def locations(graph: GraphQL) -> list[Node]:
    """Every stock location of the shop."""
    options = {"take": MOST_LOCATIONS, "sort": {"id": "ASC"}}
    return list(graph.query(LOCATIONS, {"options": options})["stockLocations"]["items"])


class Checkup:
    """The check of one shop. `decimals`: how many the settings say that amounts have."""

    def __init__(self, graph: GraphQL, places: Places, decimals: int) -> None:
        self._graph, self._places, self._decimals = graph, places, decimals

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them. `callback_url`: there is no webhook to call it."""
        findings = list(self._access())
        if all(finding.ok for finding in findings):
            findings += [self._places.check()[0], *self._counting()]
        return tuple(findings)

    def _access(self) -> Iterator[Finding]:
        """Address and sign-in, then permissions; what cannot be signed in to is one finding, and the only one."""
        try:
            channel = self._graph.query(CHANNEL, {})["activeChannel"]
        except AuthFailed as error:
            yield Finding("sign-in", ok=False, mend=f"enter user name and password, or the API key, again ({error})")
        except Misconfigured as error:
            yield Finding("shop", ok=False, mend=str(error))
        else:
            yield Finding("sign-in", ok=True)
            yield self._tried() if self._graph.by_key else _permissions(channel, self._graph.query(ME, {})["me"])

    def _tried(self) -> Finding:
        """Of an API key only reading can be tried."""
        try:
            for document in (ORDERS, VARIANTS, LOCATIONS):
                self._graph.query(document, {"options": {"take": 1}})
        except AuthFailed as error:
            return Finding("permissions", ok=False, mend=f"give the API key a role with all of the README's ({error})")
        return Finding("permissions", ok=True)

    def _counting(self) -> Iterator[Finding]:
        """Whether the server keeps as many decimals as the settings say, and whether it tracks stock."""
        found = self._graph.query(SHOP_SETTINGS, {})["globalSettings"]
        kept = found["serverConfig"]["moneyStrategyPrecision"]
        mend = "" if kept == self._decimals else f"the server keeps {kept}: set money_decimals to {kept}"
        yield Finding("decimals of amounts", ok=not mend, mend=mend)
        mend = "" if found["trackInventory"] else "switch on Track inventory by default in Vendure's global settings"
        yield Finding("inventory tracking", ok=not mend, mend=mend)


def _permissions(channel: Node, user: Node) -> Finding:
    granted = {word for row in user["channels"] if row["token"] == channel["token"] for word in row["permissions"]}
    missing = [" or ".join(group) for group in PERMISSIONS if granted.isdisjoint(group)]
    if missing:
        mend = f"missing in channel {channel['code']}: {', '.join(missing)}; add them to the user's role"
        return Finding("permissions", ok=False, mend=mend)
    return Finding(told(f"permissions in channel {channel['code']}"), ok=True)
