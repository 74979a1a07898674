"""Looks whether a connection can work: token, access scopes, location, webhook subscriptions; mends subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from connectors.kit.http import Api
from connectors.shopify.client import GraphQL
from connectors.shopify.documents import LOCATIONS, SHOP, SUBSCRIBE, SUBSCRIPTIONS
from connectors.shopify.ids import gid, number
from connectors.shopify.spec import SCOPES, TOPICS
from hub.canonical.errors import AuthFailed, Misconfigured, NotFound
from hub.canonical.told import told
from hub.ports.channel import Finding

SCOPES_PATH = "/admin/oauth/access_scopes.json"


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


def check_access(api: Api, graph: GraphQL) -> Iterator[Finding]:
    """Address and token, then scopes; a refused token is one finding, and the only one."""
    try:
        graph.query(SHOP, {})
    except AuthFailed as error:
        yield Finding("access token", ok=False, mend=f"enter the app's Admin API access token again ({error})")
    except Misconfigured as error:
        yield Finding("shop", ok=False, mend=str(error))
    else:
        yield Finding("access token", ok=True)
        yield _scopes(api)


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


def check_webhooks(graph: GraphQL, callback_url: str, is_local: Callable[[str], bool]) -> Iterator[Finding]:
    """One finding per topic; what is missing (never made, or deleted by Shopify after failures) is made."""
    if urlsplit(callback_url).scheme != "https" and not is_local(callback_url):
        yield Finding("webhooks", ok=False, mend=f"Shopify calls https only: publish the hub, not {callback_url}")
        return
    present = {node["topic"] for node in _subscriptions(graph) if node["uri"] == callback_url}
    for topic in TOPICS:
        yield Finding(f"webhook {topic}", ok=True) if topic in present else _subscribe(graph, topic, callback_url)


def _subscriptions(graph: GraphQL) -> Iterator[dict[str, str]]:
    for connection in graph.pages(SUBSCRIPTIONS, {"after": None}, "webhookSubscriptions", ()):
        yield from connection["nodes"]


def _subscribe(graph: GraphQL, topic: str, callback_url: str) -> Finding:
    wanted = {"uri": callback_url, "format": "JSON"}
    answer = graph.mutate(SUBSCRIBE, {"topic": topic, "webhookSubscription": wanted})["webhookSubscriptionCreate"]
    errors = answer["userErrors"]
    if errors:
        return Finding(f"webhook {topic}", ok=False, mend=f"Shopify refused it: {errors[0]['message']}")
    return Finding(f"webhook {topic}", ok=True, repaired=True)
