"""Opens eBay's APIs for one seller: address, access token, pace."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from requests.auth import AuthBase, HTTPBasicAuth

from connectors.ebay.spec import PRODUCTION, SPEC
from connectors.kit.http import Answer, Api
from connectors.kit.message_signature import MessageSigned, private_key
from connectors.kit.oauth2 import Grant, Refreshed, refresh_grant
from connectors.kit.opening import own_pace
from connectors.kit.values import Row, rows_of
from hub.canonical.errors import ChannelDown, Misconfigured
from hub.ports.channel import Connection

TOKEN = "/identity/v1/oauth2/token"  # noqa: S105 - an address
FULFILLMENT, INVENTORY, NOTIFICATION = "/sell/fulfillment/v1", "/sell/inventory/v1", "/commerce/notification/v1"
ORDERS, ITEMS = f"{FULFILLMENT}/order", f"{INVENTORY}/inventory_item"
BASE_SCOPE = "https://api.ebay.com/oauth/api_scope"
SCOPE = f"{BASE_SCOPE}/"


class Seller:
    """One seller's account. `app` speaks for the application alone. Raises Misconfigured where a key is missing."""

    def __init__(self, connection: Connection) -> None:
        settings, secrets = connection.settings, connection.secrets
        url = settings.get("api_url", "").strip() or PRODUCTION
        keys = {"client_id": settings.get("client_id", "").strip()}
        keys |= {name: secrets.get(name, "").strip() for name in ("client_secret", "refresh_token")}
        for name, value in keys.items():
            if not value:
                raise Misconfigured(f"{name} must be set: see step 2 of connectors/ebay/README.md")
        hidden, limiter = list(filter(None, secrets.values())), own_pace(settings, SPEC)
        login = HTTPBasicAuth(keys["client_id"], keys["client_secret"])
        self._login, self._refresh_token = (
            Api(url, auth=login, secrets=hidden, setting="api_url"),
            keys["refresh_token"],
        )
        self.api = Api(
            url, auth=_signing(Refreshed(self.grant), secrets), limiter=limiter, secrets=hidden, setting="api_url"
        )
        self.app = Api(url, auth=Refreshed(self._app_grant), limiter=limiter, secrets=hidden, setting="api_url")
        self.call = self.api.call

    def grant(self, scope: str = "") -> Grant:
        """A new access token, for all scopes that the seller consented to or for one. Raises AuthFailed."""
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        return refresh_grant(self._login, TOKEN, form | ({"scope": SCOPE + scope} if scope else {}))

    def _app_grant(self) -> Grant:
        form = {"grant_type": "client_credentials", "scope": BASE_SCOPE}
        return refresh_grant(self._login, TOKEN, form)

    def order(self, ref: str) -> Row | None:
        """One order as it stands now; None where the seller has none: to eBay an odd id is a bad request."""
        answer = self.call("GET", f"{ORDERS}/{quote(ref, safe='')}", accept={400, 404})
        return None if answer.status in {400, 404} else one(answer, "getOrder")


def _signing(auth: AuthBase, secrets: Mapping[str, str]) -> AuthBase:
    """Requests are signed too where the merchant has a signing key. Raises Misconfigured."""
    key, public = (secrets.get(name, "").strip() for name in ("signing_key", "signing_jwe"))
    if not key and not public:
        return auth
    if not key or not public:
        raise Misconfigured("set both signing_key and signing_jwe to sign requests, or none of them")
    try:
        return MessageSigned(auth, private_key(key), ("x-ebay-signature-key", public))
    except ValueError:
        raise Misconfigured(
            "signing_key is no Ed25519 private key: copy it whole, as createSigningKey gave it"
        ) from None


def one(answer: Answer, operation: str) -> Row:
    """The object in the answer to this operation of eBay's. Raises ChannelDown."""
    if answer.status >= 400 or not isinstance(answer.data, Mapping):
        raise ChannelDown(f"eBay's answer to {operation} cannot be read ({answer.status})")
    return answer.data


def said(row: Row) -> str:
    """What the errors in an answer say, in eBay's words."""
    told = (str(error.get("longMessage") or error.get("message") or "") for error in rows_of(row, "errors"))
    return "; ".join(filter(None, told))[:300]
