"""Looks whether a connection can work: token, access scopes, location, webhook subscriptions; mends subscriptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import urlsplit

from connectors.kit.hooks.registering import Register, Wanted
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from connectors.shopify.client import GraphQL
from connectors.shopify.documents import LOCATIONS, SHOP, SUBSCRIBE, SUBSCRIPTIONS
from connectors.shopify.ids import gid, number
from connectors.shopify.spec import SCOPES, TOPICS
from hub.canonical.errors import AuthFailed, Misconfigured, NotFound, Rejected
from hub.canonical.loopback import is_loopback
from hub.canonical.told import told
from hub.ports.channel import Finding

SCOPES_PATH = "/admin/oauth/access_scopes.json"
REFUSED = told("Shopify refused it: {error}")


class Places:
    """The shop's location that the hub writes to.

    Args: wanted: number or global id from the settings; "" takes the only one that fulfills online orders.
    """

    def __init__(self, graph: GraphQL, wanted: str) -> None:
        self._graph = graph
        self._found = gid("Location", wanted, "location_id") if wanted.strip() else ""

    def location(self) -> str:
        """Its global id. Raises Misconfigured naming the choices where the settings leave it open."""
        if not self._found:
            self._found = self._only_one()
        return self._found

    def _only_one(self) -> str:
        active = [node for node in self._nodes() if node["isActive"] and node["fulfillsOnlineOrders"]]
        if len(active) == 1:
            return str(active[0]["id"])
        raise Misconfigured(f"location_id is not set and the shop has {_choices(active)}; enter one of them")

    def check(self) -> Finding:
        """Whether the location exists and is active."""
        try:
            wanted = self.location()
        except Misconfigured as error:
            return Finding("location", ok=False, mend=str(error))
        nodes = self._nodes()
        node = next((node for node in nodes if node["id"] == wanted), None)
        if node is None:
            return Finding("location", ok=False, mend=f"location_id {wanted} is not there; there is {_choices(nodes)}")
        if not node["isActive"]:
            return Finding("location", ok=False, mend=f"location {node['name']} is not active: activate it in Shopify")
        return Finding(told(f"location {node['name']} ({number(wanted, 'location')})"), ok=True)

    def _nodes(self) -> list[dict[str, str]]:
        return list(self._graph.query(LOCATIONS, {})["locations"]["nodes"])


def _choices(nodes: Sequence[dict[str, str]]) -> str:
    return ", ".join(f"{node['name']} = {number(node['id'], 'location')}" for node in nodes) or "no such location"


class Checkup:
    """The check of one shop."""

    def __init__(self, api: Api, graph: GraphQL, places: Places) -> None:
        self._api, self._graph, self._places = api, graph, places

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Address and token, then scopes, location and webhooks. A refused token is one finding, and the only one; a
        missing scope ends the check, for Shopify refuses to say what it is for."""
        try:
            self._graph.query(SHOP, {})
        except AuthFailed as error:
            return (Finding("access token", ok=False, mend=f"enter the app's Admin API access token again ({error})"),)
        except Misconfigured as error:
            return (Finding("shop", ok=False, mend=str(error)),)
        known = (Finding("access token", ok=True), _scopes(self._api))
        if not known[-1].ok:
            return known
        hooks = check_webhooks(self._graph, callback_url) if callback_url else ()
        return (*known, self._places.check(), *hooks)


def _scopes(api: Api) -> Finding:
    try:
        data = api.call("GET", SCOPES_PATH).data
    except NotFound:
        return Finding("access scopes", ok=False, mend=f"Shopify did not list them at {SCOPES_PATH}; check shop_url")
    granted = {str(row.get("handle")) for row in (data or {}).get("access_scopes", ())}
    granted |= {f"read_{name.removeprefix('write_')}" for name in granted if name.startswith("write_")}
    missing = [scope for scope in SCOPES if scope not in granted]
    if missing:
        mend = f"missing: {', '.join(missing)}; add them to the app, install it again and enter the new token"
        return Finding("access scopes", ok=False, mend=mend)
    return Finding("access scopes", ok=True)


def check_webhooks(graph: GraphQL, callback_url: str) -> Iterator[Finding]:
    """One finding per topic; what is missing (never made, or deleted by Shopify after failures) is made."""
    if urlsplit(callback_url).scheme != "https" and not is_loopback(callback_url):
        yield Finding("webhooks", ok=False, mend=f"Shopify calls https only: publish the hub, not {callback_url}")
        return
    register = Register(_subscriptions(graph), partial(_subscribe, graph), REFUSED)
    for topic in TOPICS:
        wanted = Wanted(Finding(f"webhook {topic}", ok=True), {"topic": topic, "uri": callback_url})
        yield register.settle(wanted).finding


def _subscriptions(graph: GraphQL) -> Iterator[Row]:
    for connection in graph.pages(SUBSCRIPTIONS, {"after": None}, "webhookSubscriptions", ()):
        yield from connection["nodes"]


def _subscribe(graph: GraphQL, _: Row | None, wanted: Row) -> None:
    """One topic to one address, which Shopify takes once. Raises Rejected."""
    asked = {"topic": wanted["topic"], "webhookSubscription": {"uri": wanted["uri"], "format": "JSON"}}
    errors = graph.mutate(SUBSCRIBE, asked)["webhookSubscriptionCreate"]["userErrors"]
    if errors:
        raise Rejected(errors[0]["message"])
