"""Reads the shop's lists; orders by date of change, with the lines of their refunds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from connectors.kit.orders.reading import NumberedRows, completed
from connectors.kit.settings import Start
from connectors.kit.values import Row, digits_of, inside, moment, text_id
from connectors.kit.wire.arrays import Arrays, answered
from connectors.kit.wire.http import Api
from hub.canonical.errors import Misconfigured, Rejected
from hub.ports.channel import RawRecord

LIST = Arrays(pages="x-wp-totalpages", keep=True)
BY_ID = {"orderby": "id", "order": "asc"}
ORDERS = "/wc/v3/orders"
REFUNDS = ("refunds", "line_items")
"""The list of an order's refunds, and what they lack where it does not say what was refunded."""


class OrderFeed(NumberedRows):
    """The orders of one shop; each keeps its own bytes, and refunds with their lines."""

    ref, changed, number = "id", "date_modified_gmt", "number"
    tick = timedelta(seconds=1)

    def __init__(self, api: Api, zone: ZoneInfo, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api, self._zone = api, zone

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more may follow."""
        query = {"orderby": "modified", "order": "asc"}
        query |= {"modified_after": f"{since:%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true"} if since else {}
        try:
            return LIST.turn(answered(self._api.call, ORDERS, query), number)
        except Rejected as error:
            if "orderby" in str(error):
                raise Misconfigured("this WooCommerce cannot sort orders by date of change; update it") from None
            raise

    def search(self, number: str) -> list[Row]:
        """A plugin may number orders, so the shop's own search is asked."""
        return LIST.turn(answered(self._api.call, ORDERS, {"search": number, **BY_ID}))[0]

    def record(self, row: Row) -> RawRecord:
        """An order with its refunds whole: the order itself names only their totals."""
        path = f"{ORDERS}/{text_id(row.get('id'))}/refunds"
        whole = completed(row, *REFUNDS, lambda: LIST.turn(answered(self._api.call, path))[0])
        return replace(super().record(whole), updated_at=changed_at(row, self._zone))


def changed_at(row: Row, zone: ZoneInfo) -> datetime | None:
    """When the order changed, UTC; None where it does not say."""
    found = moment(row.get("date_modified_gmt"), "date_modified_gmt")
    return found or moment(row.get("date_modified"), "date_modified", zone)


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none."""
    if not digits_of(ref):
        return None
    answer = api.call("GET", f"{ORDERS}/{ref}", accept={404})
    if answer.status != 404:
        return LIST.one(answer)
    if inside(answer.data, "code") == "rest_no_route":
        raise Misconfigured("the shop has no REST API v3; choose pretty permalinks in Settings > Permalinks")
    return None
