"""Opens eBay's APIs for one seller: address, access token, pace, signature."""

from __future__ import annotations

from urllib.parse import quote

from requests.auth import AuthBase

from connectors.ebay.spec import SPEC
from connectors.kit.auth.keyset import Keyset
from connectors.kit.auth.message_signature import signed_with_key
from connectors.kit.values import Row, rows_of
from connectors.kit.wire.paging import Paging, known

FULFILLMENT, INVENTORY, NOTIFICATION = "/sell/fulfillment/v1", "/sell/inventory/v1", "/commerce/notification/v1"
ORDERS, ITEMS = f"{FULFILLMENT}/order", f"{INVENTORY}/inventory_item"
SCOPE = "https://api.ebay.com/oauth/api_scope/"
ABSENT = frozenset({400, 404})
"""What eBay answers where it has no such thing: to it an odd id is a bad request."""
BY_OFFSET = Paging("limit", "offset", size=200)


class Seller(Keyset):
    """One seller's account. `refund`: whether refused orders are paid back."""

    spec = SPEC
    token = "/identity/v1/oauth2/token"  # noqa: S105 - an address
    scope, app_scope = SCOPE, SCOPE.rstrip("/")

    @property
    def refund(self) -> bool:
        return self.connection.settings.get("refund_refused") == "yes"

    def marked(self, auth: AuthBase) -> AuthBase:
        return signed_with_key(auth, self.connection.secrets, "x-ebay-signature-key")

    def order(self, ref: str) -> Row | None:
        """One order as it stands now; None where the seller has none."""
        return known(self.call, f"{ORDERS}/{quote(ref, safe='')}", absent=ABSENT)


def said(data: object) -> str:
    """What the errors in an answer say, in eBay's words."""
    told = (str(error.get("longMessage") or error.get("message") or "") for error in rows_of(data, "errors"))
    return "; ".join(filter(None, told))[:300]
