"""Opens the Selling Partner API for one seller: region, access tokens (LWA), and a bucket for each operation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.amazon.marketplaces import check_region
from connectors.amazon.operations import OPERATIONS
from connectors.amazon.spec import LOGIN, REGIONS
from connectors.kit.auth.oauth2 import Grant, Refreshed, refresh_grant
from connectors.kit.values import rows_of
from connectors.kit.wire.http import Answer, Api
from connectors.kit.wire.limiter import Bucket
from hub.canonical.errors import ChannelDown, Throttled
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

TOKEN = "/auth/o2/token"  # noqa: S105 - an address
NOTICES = "sellingpartnerapi::notifications"
LIMIT = "x-amzn-ratelimit-limit"
README = "connectors/amazon/README.md"
Row = Mapping[str, Any]


class Seller:
    """One seller's account in one region. Raises Misconfigured where a key is missing."""

    def __init__(self, connection: Connection) -> None:
        settings, secrets = connection.settings, connection.secrets
        self._keys = {"client_id": needed(settings, "client_id")}
        self._keys |= {name: needed(secrets, name) for name in ("client_secret", "refresh_token")}
        self.id, self.marketplaces = needed(settings, "seller_id"), _listed(needed(settings, "marketplaces"))
        self._url = settings.get("api_url", "").strip() or self._address(settings.get("region", "").strip() or "na")
        self._hidden = (self._keys["client_secret"], self._keys["refresh_token"])
        self._login = Api(settings.get("login_url", "").strip() or LOGIN, secrets=self._hidden, setting="login_url")
        token = partial(Refreshed, header="x-amz-access-token", before="", refused=(401, 403))
        self._auth = {False: token(self.grant), True: token(self.grantless)}
        self._opened = {name: self._open(name) for name in OPERATIONS}

    def _address(self, region: str) -> str:
        """Of the region; its marketplaces answer there and no others do."""
        if region not in REGIONS:
            return unfit(f"region = {region!r}: expected {', '.join(REGIONS)}", REGIONS["na"])
        check_region(self.marketplaces, region)
        return REGIONS[region]

    def grant(self) -> Grant:
        """A new access token of the seller's. Raises AuthFailed."""
        form = {"grant_type": "refresh_token", "refresh_token": self._keys["refresh_token"]}
        return refresh_grant(self._login, TOKEN, form | self._application())

    def grantless(self) -> Grant:
        """A new access token of the application's own, for notifications. Raises AuthFailed."""
        return refresh_grant(
            self._login, TOKEN, {"grant_type": "client_credentials", "scope": NOTICES} | self._application()
        )

    def _application(self) -> dict[str, str]:
        return {name: self._keys[name] for name in ("client_id", "client_secret")}

    def ask(
        self, operation: str, query: Mapping[str, str] | None = None, *, body: Any = None, accept: Any = (), **path: str
    ) -> Answer:
        """One call of an operation, by Amazon's name of it. `path`: what stands in its address.

        Raises: Throttled with the time until the next call; else as `Api.call`.
        """
        what, (api, bucket) = OPERATIONS[operation], self._opened[operation]
        address = what.path.format(**{name: quote(text, safe="") for name, text in path.items()})
        try:
            answer = api.call(what.method, address, params=query, json=body, accept=accept)
        except Throttled as error:
            if error.retry_after is not None:
                raise
            raise Throttled(str(error), retry_after=1 / bucket.limit.rate) from None
        if told := _told(answer):
            bucket.paced(told)
        return answer

    def row(self, operation: str, query: Mapping[str, str] | None = None, **more: Any) -> Row:
        """The object in the answer to an operation. Raises ChannelDown where there is none; else as `ask`."""
        return one(self.ask(operation, query, **more), operation)

    def _open(self, operation: str) -> tuple[Api, Bucket]:
        what = OPERATIONS[operation]
        bucket = Bucket(what.rate, what.burst, name=operation)
        return Api(
            self._url, auth=self._auth[what.grantless], limiter=bucket, secrets=self._hidden, setting="api_url"
        ), bucket

    def listing_query(self, **more: str) -> dict[str, str]:
        """What every question about listings says: the marketplaces, and what is wanted of a listing."""
        return {
            "marketplaceIds": ",".join(self.marketplaces),
            "includedData": "summaries,fulfillmentAvailability",
        } | more

    def order(self, ref: str, included: str) -> Row | None:
        """One order as it stands now; None where the seller has none: to Amazon an odd id is a bad request."""
        answer = self.ask("getOrder", {"includedData": included}, orderId=ref, accept={400, 404}) if ref else None
        if answer is None or answer.status in {400, 404}:
            return None
        found = one(answer, "getOrder").get("order")
        return found if isinstance(found, Mapping) else None


def one(answer: Answer, operation: str) -> Row:
    """The object in the answer to this operation. Raises ChannelDown."""
    if answer.status >= 400 or not isinstance(answer.data, Mapping):
        raise ChannelDown(f"Amazon's answer to {operation} cannot be read ({answer.status})")
    return answer.data


def said(data: Any, name: str = "errors") -> str:
    """What the errors (or issues) in an answer say, in Amazon's words."""
    told = (str(row.get("details") or row.get("message") or "") for row in rows_of(data, name))
    return "; ".join(dict.fromkeys(filter(None, told)))[:300]


def needed(values: Mapping[str, str], name: str) -> str:
    """A setting or secret that must be there. Raises Misconfigured."""
    return values.get(name, "").strip() or unfit(f"{name} must be set: see {README}", "")


def _listed(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
    wrong = next((part for part in found if not (part.isascii() and part.isalnum())), None)
    if wrong is not None or not found:
        return unfit(f"marketplaces = {text!r}: expected ids such as ATVPDKIKX0DER, with commas", ())
    return found


def _told(answer: Answer) -> float:
    """The rate that the answer names, in calls a second; 0 where it names none that makes sense."""
    try:
        rate = float(answer.headers.get(LIMIT, ""))
    except ValueError:
        return 0.0
    return rate if math.isfinite(rate) and rate > 0 else 0.0
