"""Looks at a shop's address, key and webhooks; registers and repairs the webhooks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.http import Api
from connectors.kit.registering import Register, Wanted, rest_put
from connectors.kit.trials import DENIED, Trial, tried, until_blocked
from connectors.kit.values import Row, text_id
from connectors.woocommerce.client import every
from connectors.woocommerce.feed import ORDERS
from connectors.woocommerce.spec import TOPICS
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Finding

WEBHOOKS, REFUSED = "/wc/v3/webhooks", told("the shop did not take it: {error}")

TRIALS = (
    Trial(
        Finding(
            "API key",
            False,
            "the shop refused the key: make a Read/Write key in WooCommerce > Settings > Advanced > REST API and "
            "enter both parts; if the key is right, the web server drops the Authorization header",
        ),
        "GET",
        ORDERS,
        query={"per_page": "1"},
    ),
    Trial(
        Finding("write permission", False, "the key may only read: make one with Read/Write permissions"),
        "POST",
        "/wc/v3/products/batch",
        {"update": []},
    ),
)
"""A batch without products changes nothing."""


class Checkup:
    """The check of one shop. `secret` signs the webhooks that it registers."""

    def __init__(self, api: Api, zone: ZoneInfo, secret: str) -> None:
        self._api, self._zone, self._secret = api, zone, secret

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; stops at the first that blocks the rest."""
        return until_blocked(self._steps(callback_url), "time zone")

    def _steps(self, callback_url: str | None) -> Iterator[Finding]:
        index = self._index()
        if index is not None:
            yield _index_finding(index)
        yield from tried(self._api, TRIALS, told=DENIED)
        yield self._zone_finding(index or {})
        if callback_url:
            yield from self._webhooks(callback_url)

    def _index(self) -> Mapping[str, Any] | None:
        """What the site says of itself; None where it says so only to those with a good key."""
        answer = self._api.call("GET", "/", accept={401, 403, 404})
        if answer.status in {401, 403}:
            return None
        return answer.data if isinstance(answer.data, Mapping) else {}

    def _zone_finding(self, index: Mapping[str, Any]) -> Finding:
        theirs = str(index.get("timezone_string") or "")
        if theirs and theirs != self._zone.key:
            return Finding("time zone", False, f"the site says {theirs}: set zone to it")
        return Finding("time zone", True)

    def _webhooks(self, url: str) -> Iterator[Finding]:
        if not self._secret:
            yield Finding("webhooks", False, "set webhook_secret to any long random text")
            return
        try:
            hooks = list(every(self._api, WEBHOOKS, {"status": "all"}))
        except AuthFailed as error:
            yield Finding("webhooks", False, told(f"make the key for a user who may manage the shop ({error})"))
            return
        register = Register(hooks, rest_put(self._api.call, WEBHOOKS), REFUSED, self._drop)
        yield from (register.settle(self._wanted(topic, url)).finding for topic in TOPICS)

    def _wanted(self, topic: str, url: str) -> Wanted:
        """Its name carries a short digest of the secret, because the shop never shows the secret again.

        One of that name that calls elsewhere is ours only once the shop gave up on it: as long as somebody answers
        there, it may be another hub's with the same secret, such as the one that this hub is a restored copy of.
        """
        name = f"Stockline {topic} {hashlib.sha256(self._secret.encode()).hexdigest()[:8]}"
        ours = ({"topic": topic, "delivery_url": url}, {"topic": topic, "name": name, "status": "disabled"})
        shown = {"name": name, "topic": topic, "delivery_url": url, "status": "active"}
        return Wanted(Finding(f"webhook {topic}", True), shown, ours, hidden={"secret": self._secret})

    def _drop(self, hook: Row) -> None:
        self._api.call("DELETE", f"{WEBHOOKS}/{text_id(hook.get('id'))}", params={"force": "true"})


def _index_finding(index: Mapping[str, Any]) -> Finding:
    spaces = index.get("namespaces")
    if isinstance(spaces, list) and "wc/v3" in spaces:
        return Finding("REST API v3", True)
    mend = (
        "no WooCommerce REST API v3 answers there: check shop_url, choose pretty permalinks in Settings > Permalinks, "
        "and let security plug-ins pass /wp-json/"
    )
    return Finding("REST API v3", False, mend)
