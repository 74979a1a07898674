"""Has eBay send its notifications here: where to (a destination) and of what (subscriptions); repairs both.

A destination is ours by its endpoint alone: another hub of the same keyset may have a connection of the same name.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, urlsplit

from connectors.ebay.client import NOTIFICATION, Seller, one, said
from connectors.ebay.webhooks import DELETION, ORDERS
from connectors.kit.http import Answer, Api
from connectors.kit.paging import token_rows
from connectors.kit.registering import Register, Wanted, rest_put
from connectors.kit.values import Row, rows_of
from hub.canonical.errors import Rejected
from hub.canonical.told import told
from hub.ports.channel import Connection, Finding

TOPICS = (ORDERS, DELETION)
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,80}")
REFUSED, REFUSAL = frozenset({400, 403, 404, 409}), told("eBay did not take it: {error}")


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
        rows = [self._delivering(row) for row in _listed(self._seller.app, "destination")]
        place, destination = self._destination(url, rows)
        told = [found for topic in TOPICS if destination for found in self._subscription(topic, destination)]
        dropped = self._drop_doubles(url, rows, destination)  # once no subscription of ours needs them any more
        yield replace(place, repaired=place.repaired or dropped)
        yield from told

    def _alerts(self) -> Finding:
        """eBay takes no destination before it knows whom to warn."""
        api, fine, path = self._seller.app, Finding("alert address", True), f"{NOTIFICATION}/config"
        answer = api.call("GET", path, accept={404})
        known = [] if answer.status == 404 else [row for row in (one(answer, "getConfig"),) if row.get("alertEmail")]
        if not self._alert:
            mend = "" if known else "eBay wants an e-mail address that it warns: set alert_email"
            return replace(fine, ok=bool(known), mend=mend)
        register = Register(known, lambda _, wanted: _told(api, "PUT", path, json=wanted), REFUSAL)
        return register.settle(Wanted(fine, {"alertEmail": self._alert}, ({},))).finding

    def _destination(self, url: str, rows: Sequence[Row]) -> tuple[Finding, str]:
        """Our address at eBay, and its id there ("" where eBay did not take it); eBay asks it at once for its proof."""
        fine = Finding("notification address", True)
        if not TOKEN.fullmatch(self._token):
            mend = "verification_token must have 32 to 80 letters, digits, _ or -"
            return replace(fine, ok=False, mend=mend), ""
        shown = {"status": "ENABLED", "deliveryConfig": {"endpoint": url, "verificationToken": self._token}}
        ours = {"deliveryConfig": {"endpoint": url}}
        wanted = Wanted(fine, shown, (ours,), hidden={"name": self._name})
        found, row, answer = _register(self._seller.app, "destination", rows).settle(wanted)
        return found, (str(row.get("destinationId")) if row else _made(answer)) if found.ok else ""

    def _drop_doubles(self, url: str, rows: Sequence[Row], kept: str) -> bool:
        """Delete the other destinations of our address; whether there were any. eBay keeps one that is in use."""
        here = [str(row.get("destinationId")) for row in rows if row["deliveryConfig"].get("endpoint") == url]
        doubles = [ref for ref in here if ref != kept] if kept else []
        place, kept_back = f"{NOTIFICATION}/destination", frozenset({404, 409})
        told = [self._seller.app.call("DELETE", f"{place}/{ref}", accept=kept_back) for ref in doubles]
        return any(answer.status not in kept_back for answer in told)

    def _delivering(self, row: Row) -> Row:
        """A destination whose token counts as ours where eBay does not tell it."""
        delivery = row.get("deliveryConfig")
        shown = delivery if isinstance(delivery, Mapping) else {}
        return {**row, "deliveryConfig": {"verificationToken": self._token, **shown}}

    def _subscription(self, topic: str, destination: str) -> Iterator[Finding]:
        """Nothing where eBay does not offer the topic: the poll brings everything all the same."""
        answer = self._seller.app.call("GET", f"{NOTIFICATION}/topic/{topic}", accept={400, 404})
        if answer.status in {400, 404}:
            return
        offered = one(answer, "getTopic")
        api = self._seller.app if offered.get("scope") == "APPLICATION" else self._seller.api
        register = _register(api, "subscription", _listed(api, "subscription"))
        shown = {"status": "ENABLED", "destinationId": destination}
        payload, ours = {"payload": _payload(offered)}, {"topicId": topic}
        yield register.settle(Wanted(Finding(f"webhook {topic}", True), shown, (ours,), payload, ours)).finding


def _register(api: Api, kind: str, rows: Iterable[Row]) -> Register:
    """The seller's or the application's destinations or subscriptions. eBay takes no second subscription of a topic."""
    return Register(rows, rest_put(partial(_told, api), f"{NOTIFICATION}/{kind}", f"{kind}Id"), REFUSAL)


def _listed(api: Api, kind: str) -> Iterator[Row]:
    """Every row of a list that is paged by a token in its `next` address."""

    def ask(token: str) -> tuple[list[Row], str]:
        query = {"limit": "100"} | ({"continuation_token": token} if token else {})
        data = one(api.call("GET", f"{NOTIFICATION}/{kind}", params=query), kind)
        address = urlsplit(str(data.get("next") or ""))
        return rows_of(data, f"{kind}s"), "".join(parse_qs(address.query).get("continuation_token", [""]))

    return token_rows(ask, kind)


def _told(api: Api, method: str, path: str, json: Row) -> Answer:
    """One write. Raises Rejected in eBay's words."""
    answer = api.call(method, path, json=json, accept=REFUSED)
    if answer.status in REFUSED:
        raise Rejected((said(answer.data) if isinstance(answer.data, Mapping) else "") or str(answer.status))
    return answer


def _made(answer: Answer) -> str:
    """The id of what was made: the end of its address."""
    return answer.headers.get("location", "").rstrip("/").rpartition("/")[2]


def _payload(topic: Row) -> dict[str, str]:
    """The newest form of the topic that eBay does not call outdated."""
    forms = sorted((row for row in rows_of(topic, "supportedPayloads") if not row.get("deprecated")), key=_version)
    version = str(forms[-1].get("schemaVersion")) if forms else "1.0"
    return {"format": "JSON", "schemaVersion": version, "deliveryProtocol": "HTTPS"}


def _version(form: Row) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(form.get("schemaVersion")))]
