"""Looks at a shop's address, key and webhooks; registers and repairs the webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from connectors.kit.checking import StepCheckup, judged
from connectors.kit.hooks.registering import Wanted
from connectors.kit.hooks.rest_hooks import rest_hooks, signed_name
from connectors.kit.trials import DENIED, permission, tried
from connectors.kit.wire.arrays import answered
from connectors.kit.wire.http import Api
from connectors.woocommerce.feed import BY_ID, LIST, ORDERS
from connectors.woocommerce.spec import TOPICS
from hub.canonical.told import told
from hub.ports.channel import Finding

WEBHOOKS = "/wc/v3/webhooks"
NO_API = told(
    "no WooCommerce REST API v3 answers there: check shop_url, choose pretty permalinks in Settings > Permalinks, "
    "and let security plug-ins pass /wp-json/"
)
NO_KEY = told(
    "the shop refused the key: make a Read/Write key in WooCommerce > Settings > Advanced > REST API and "
    "enter both parts; if the key is right, the web server drops the Authorization header"
)
READ_ONLY = told("the key may only read: make one with Read/Write permissions")
TRIALS = (
    permission("API key", NO_KEY, "GET", ORDERS, query={"per_page": "1"}),
    permission("write permission", READ_ONLY, "POST", "/wc/v3/products/batch", {"update": []}),
)
"""A batch without products changes nothing."""


class Checkup(StepCheckup):
    """The check of one shop. `secret` signs the webhooks that it registers."""

    soft = ("time zone",)

    def __init__(self, api: Api, zone: ZoneInfo, secret: str) -> None:
        self._api, self._zone, self._secret = api, zone, secret

    def steps(self, callback_url: str | None) -> Iterator[Finding]:
        """Address, key, permissions, time zone, webhooks. Some sites tell of themselves only with a good key."""
        answer = self._api.call("GET", "/", accept={401, 403, 404})
        index = answer.data if isinstance(answer.data, dict) else {}
        if answer.status not in DENIED:
            yield judged("REST API v3", "wc/v3" in (index.get("namespaces") or ()), NO_API)
        yield from tried(self._api, TRIALS, told=DENIED)
        theirs = "" if answer.status in DENIED else str(index.get("timezone_string") or "")
        yield judged("time zone", theirs in {"", self._zone.key}, told(f"the site says {theirs}: set zone to it"))
        if callback_url:
            hooks = LIST.every(answered(self._api.call, WEBHOOKS, {"status": "all", **BY_ID}), WEBHOOKS)
            wanted = (self._wanted(topic, callback_url) for topic in TOPICS)
            yield from rest_hooks(self._api, WEBHOOKS, hooks, wanted, self._secret, force={"force": "true"})

    def _wanted(self, topic: str, url: str) -> Wanted:
        """Its name tells the secret, because the shop never shows that again.

        One of that name that calls elsewhere is ours only once the shop gave up on it: as long as somebody answers
        there, it may be another hub's with the same secret, such as the one that this hub is a restored copy of.
        """
        name = signed_name(topic, self._secret)
        ours = ({"topic": topic, "delivery_url": url}, {"topic": topic, "name": name, "status": "disabled"})
        shown = {"name": name, "topic": topic, "delivery_url": url, "status": "active"}
        return Wanted(Finding(f"webhook {topic}", True), shown, ours, hidden={"secret": self._secret})
