"""Has eBay send its notifications here: where to (a destination) and of what (subscriptions); repairs both."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.ebay.client import NOTIFICATION, Seller, one, said
from connectors.ebay.webhooks import DELETION, ORDERS
from connectors.kit.http import Answer, Api
from connectors.kit.paging import token_pages
from connectors.kit.values import Row, rows_of
from hub.ports.channel import Connection, Finding

TOPICS = (ORDERS, DELETION)
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,80}")
REFUSED = frozenset({400, 403, 404, 409})


def verification_token(connection: Connection) -> str:
    """The token that proves our address: the merchant's own, else one made of the keyset's secret."""
    own, secret = (connection.secrets.get(name, "").strip() for name in ("verification_token", "client_secret"))
    return own or hmac.new(secret.encode(), b"verification token", hashlib.sha256).hexdigest()


class Subscriptions:
    """What eBay sends us of one seller. `alert`: the address that eBay warns; "" keeps the one that it has."""

    def __init__(self, seller: Seller, connection: Connection) -> None:
        self._seller, self._token = seller, verification_token(connection)
        self._alert = connection.settings.get("alert_email", "").strip()
        self._name = f"Stockline {connection.name}"

    def check(self, url: str) -> Iterator[Finding]:
        """Register and repair; ends where the next step needs what is missing."""
        alert = self._alerts()
        yield alert
        if not alert.ok:
            return
        place, destination = self._destination(url)
        yield place
        for topic in TOPICS if destination else ():
            yield from self._subscription(topic, destination)

    def _alerts(self) -> Finding:
        """eBay takes no destination before it knows whom to warn."""
        api, fine = self._seller.app, Finding("alert address", True)
        answer = api.call("GET", f"{NOTIFICATION}/config", accept={404})
        known = "" if answer.status == 404 else str(one(answer, "getConfig").get("alertEmail") or "")
        if known and self._alert in {"", known}:
            return fine
        if not self._alert:
            return replace(fine, ok=False, mend="eBay wants an e-mail address that it warns: set alert_email")
        told = {"alertEmail": self._alert}
        return _outcome(fine, api.call("PUT", f"{NOTIFICATION}/config", json=told, accept=REFUSED))

    def _destination(self, url: str) -> tuple[Finding, str]:
        """Our address at eBay, and its id there ("" where eBay did not take it); eBay asks it at once for its proof."""
        fine = Finding("notification address", True)
        if not TOKEN.fullmatch(self._token):
            mend = "verification_token must have 32 to 80 letters, digits, _ or -"
            return replace(fine, ok=False, mend=mend), ""
        delivery = {"endpoint": url, "verificationToken": self._token}
        known = list(_listed(self._seller.app, "destination", "destinations"))
        ours = next((row for row in known if _delivery(row).get("endpoint") == url), None)
        ours = ours or next((row for row in known if row.get("name") == self._name), None)
        if ours and ours.get("status") == "ENABLED" and delivery == {**delivery, **_delivery(ours)}:
            return fine, str(ours.get("destinationId"))
        wanted = {"name": self._name, "status": "ENABLED", "deliveryConfig": delivery}
        answer = _put(self._seller.app, "destination", ours, wanted)
        found = _outcome(fine, answer)
        return found, (str(ours.get("destinationId")) if ours else _made(answer)) if found.ok else ""

    def _subscription(self, topic: str, destination: str) -> Iterator[Finding]:
        """Nothing where eBay does not offer the topic: the poll brings everything all the same."""
        answer = self._seller.app.call("GET", f"{NOTIFICATION}/topic/{topic}", accept={400, 404})
        if answer.status in {400, 404}:
            return
        fine, offered = Finding(f"webhook {topic}", True), one(answer, "getTopic")
        api = self._seller.app if offered.get("scope") == "APPLICATION" else self._seller.api
        known = _listed(api, "subscription", "subscriptions")
        ours = next((row for row in known if row.get("topicId") == topic), None)
        wanted = {"status": "ENABLED", "destinationId": destination}
        if ours and all(ours.get(name) == value for name, value in wanted.items()):
            yield fine
            return
        told = {**wanted, "payload": _payload(offered)} | ({} if ours else {"topicId": topic})
        yield _outcome(fine, _put(api, "subscription", ours, told))


def _listed(api: Api, path: str, name: str) -> Iterator[Row]:
    """Every row of a list that is paged by a token in its `next` address."""

    def ask(token: str) -> tuple[list[Row], str]:
        query = {"limit": "100"} | ({"continuation_token": token} if token else {})
        data = one(api.call("GET", f"{NOTIFICATION}/{path}", params=query), path)
        address = urlsplit(str(data.get("next") or ""))
        return rows_of(data, name), "".join(parse_qs(address.query).get("continuation_token", [""]))

    return (row for rows in token_pages(ask, path) for row in rows)


def _put(api: Api, path: str, ours: Row | None, wanted: Mapping[str, Any]) -> Answer:
    """Change ours, or make one."""
    if ours is None:
        return api.call("POST", f"{NOTIFICATION}/{path}", json=wanted, accept=REFUSED)
    return api.call("PUT", f"{NOTIFICATION}/{path}/{ours.get(f'{path}Id')}", json=wanted, accept=REFUSED)


def _outcome(fine: Finding, answer: Answer) -> Finding:
    if answer.status < 400:
        return replace(fine, repaired=True)
    told = said(answer.data) if isinstance(answer.data, Mapping) else ""
    return replace(fine, ok=False, mend=f"eBay did not take it: {told or answer.status}")


def _made(answer: Answer) -> str:
    """The id of what was made: the end of its address."""
    return answer.headers.get("location", "").rstrip("/").rpartition("/")[2]


def _delivery(row: Row) -> Row:
    """Where a destination sends to: its endpoint, and the token where eBay tells it."""
    delivery = row.get("deliveryConfig")
    return delivery if isinstance(delivery, Mapping) else {}


def _payload(topic: Row) -> dict[str, str]:
    """The newest form of the topic that eBay does not call outdated."""
    forms = sorted((row for row in rows_of(topic, "supportedPayloads") if not row.get("deprecated")), key=_version)
    version = str(forms[-1].get("schemaVersion")) if forms else "1.0"
    return {"format": "JSON", "schemaVersion": version, "deliveryProtocol": "HTTPS"}


def _version(form: Row) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(form.get("schemaVersion")))]
