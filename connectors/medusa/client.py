"""Opens the admin API of one Medusa server: address, secret key, pace, its lists, and its orders."""

from __future__ import annotations

from urllib.parse import quote

from requests.auth import HTTPBasicAuth

from connectors.kit.settings import given
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from connectors.kit.wire.opening import shop_api
from connectors.kit.wire.paging import Paging, known
from connectors.medusa.spec import SPEC
from hub.ports.channel import Connection

LIST = Paging("limit", "offset", total="count")
ORDERS = "/orders"
FIELDS = (
    "id,display_id,status,version,email,currency_code,customer_id,region_id,sales_channel_id,created_at,updated_at,"
    "total,tax_total,*summary,*items,*items.detail,*items.tax_lines,*items.adjustments,*items.variant,"
    "*items.variant.inventory_items,*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments,"
    "*shipping_address,*billing_address,*payment_collections,*credit_lines,*fulfillments"
)
"""Totals and pieces are right only where the items that they are counted from are asked for too."""


def open_api(connection: Connection) -> Api:
    """The API under `/admin`, with the secret key as the user name of Basic. Raises Misconfigured."""
    (key,) = given(connection, SPEC, "api_key")
    return shop_api(connection, SPEC, "/admin", auth=HTTPBasicAuth(key.encode(), b""))


def order_path(ref: str) -> str:
    """The path of one order."""
    return f"{ORDERS}/{quote(ref, safe='')}"


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none."""
    return known(api.call, order_path(ref), "order", params={"fields": FIELDS})
