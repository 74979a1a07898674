"""Has eBay send its notifications here: where to (a destination) and of what (subscriptions); repairs both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.ebay.client import ABSENT, NOTIFICATION, Seller, said
from connectors.ebay.webhooks import DELETION, ORDERS
from connectors.kit.hooks.notifying import RestList, delivered
from connectors.kit.hooks.proving import verification_token
from connectors.kit.hooks.registering import Register, Wanted, refusing
from connectors.kit.values import Row, rows_of
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import TokenPaging, known
from hub.canonical.told import told
from hub.ports.channel import Finding

TOPICS = (ORDERS, DELETION)
TOKEN = re.compile(r"[A-Za-z0-9_-]{32,80}")
REFUSAL = told("eBay did not take it: {error}")


class Subscriptions:
    """What eBay sends us of one seller; without the setting `alert_email` eBay keeps the address that it has."""

    def __init__(self, seller: Seller) -> None:
        self._seller, self._token = seller, verification_token(seller.connection)

    def check(self, url: str) -> Iterator[Finding]:
        """Register and repair; ends where the next step needs what is missing."""
        alert = self._alerts()
        yield alert
        if not alert.ok:
            return
        place = Finding("notification address", True)
        if not TOKEN.fullmatch(self._token):
            yield replace(place, ok=False, mend="verification_token must have 32 to 80 letters, digits, _ or -")
            return
        shown = {"status": "ENABLED", "deliveryConfig": {"endpoint": url, "verificationToken": self._token}}
        named = {"name": f"Stockline {self._seller.connection.name}"}
        wanted = Wanted(place, shown, ({"deliveryConfig": {"endpoint": url}},), hidden=named)
        yield from delivered(_list(self._seller.app, "destination"), wanted, self._subscribe, self._delivering)

    def _alerts(self) -> Finding:
        """eBay takes no destination before it knows whom to warn."""
        fine, path, call = Finding("alert address", True), f"{NOTIFICATION}/config", self._seller.app.call
        wanted, found = self._seller.connection.settings.get("alert_email", "").strip(), known(call, path)
        rows = [found] if found and found.get("alertEmail") else []
        if not wanted:
            mend = "" if rows else "eBay wants an e-mail address that it warns: set alert_email"
            return replace(fine, ok=bool(rows), mend=mend)
        register = Register(rows, lambda _, fields: refusing(call, said)("PUT", path, json=fields), REFUSAL)
        return register.settle(Wanted(fine, {"alertEmail": wanted}, ({},))).finding

    def _delivering(self, row: Row) -> Row:
        """A destination whose token counts as ours where eBay does not tell it."""
        delivery = row.get("deliveryConfig")
        shown = delivery if isinstance(delivery, Mapping) else {}
        return {**row, "deliveryConfig": {"verificationToken": self._token, **shown}}

    def _subscribe(self, destination: str) -> Iterator[Finding]:
        """Nothing of a topic that eBay does not offer: the poll brings everything all the same."""
        for topic in TOPICS:
            offered = known(self._seller.app.call, f"{NOTIFICATION}/topic/{topic}", absent=ABSENT)
            if offered is not None:
                api = self._seller.app if offered.get("scope") == "APPLICATION" else self._seller.api
                shown, ours = {"status": "ENABLED", "destinationId": destination}, {"topicId": topic}
                wanted = Wanted(Finding(f"webhook {topic}", True), shown, (ours,), {"payload": _payload(offered)}, ours)
                yield _list(api, "subscription").settle(wanted)[0]


def _list(api: Api, kind: str) -> RestList:
    """The seller's or the application's destinations or subscriptions. eBay takes no second subscription of a topic."""
    paging, query = TokenPaging("continuation_token", "next"), {"limit": "100"}
    return RestList(api, f"{NOTIFICATION}/{kind}", f"{kind}s", f"{kind}Id", paging, query, REFUSAL, said)


def _payload(topic: Row) -> dict[str, str]:
    """The newest form of the topic that eBay does not call outdated."""
    forms = sorted((row for row in rows_of(topic, "supportedPayloads") if not row.get("deprecated")), key=_version)
    version = str(forms[-1].get("schemaVersion")) if forms else "1.0"
    return {"format": "JSON", "schemaVersion": version, "deliveryProtocol": "HTTPS"}


def _version(form: Row) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(form.get("schemaVersion")))]
