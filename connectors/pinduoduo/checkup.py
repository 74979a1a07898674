"""Looks at the app's credentials and at each call that it needs; says exactly what is missing."""

from __future__ import annotations

from datetime import datetime

from connectors.kit.gateway import Trial, granted
from connectors.pinduoduo import feed, shipments, stock
from connectors.pinduoduo.client import Gateway
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Finding

NOBODY = "stockline-check"
TOKEN = told("the platform refused the app or its token: check client ID and secret, and authorize the app again")


class Checkup:
    """The check of one shop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; wrong credentials end them."""
        try:
            return (Finding("app and access token", True), *granted(self._gateway, _trials(self._gateway.now())))
        except AuthFailed:
            return (Finding("app and access token", False, TOKEN),)


def _trials(now: datetime) -> tuple[Trial, ...]:
    """Calls that change nothing: an order and goods that nobody has show whether the app may do it."""
    at = str(int(now.timestamp()) - 600)
    listed = {**feed.EVERY_ORDER, "start_updated_at": at, "end_updated_at": at, "page": "1", "page_size": "1"}
    number = {"goods_id": "0", "sku_id": "0", "quantity": "0"}
    parcel = {"order_sn": NOBODY, "logistics_id": "0", "tracking_number": NOBODY}
    further = {"order_sn": NOBODY, "extra_track_list": '[{"shipping_id":0,"tracking_number":"0"}]'}
    return (
        (Finding("permission to read changed orders", True), feed.CHANGED, listed),
        (Finding("permission to read an order", True), feed.DETAIL, {"order_sn": NOBODY}),
        (Finding("permission to read refunds", True), feed.REFUNDS, feed.refunds_of(NOBODY, now)),
        (Finding("permission to read goods", True), stock.GOODS, {"page": "1", "page_size": "1"}),
        (Finding("permission to read a SKU's stock", True), stock.DETAIL, {"goods_id": "0"}),
        (Finding("permission to write stock", True), stock.UPDATE, number),
        (Finding("permission to read carriers", True), shipments.CARRIERS, {}),
        (Finding("permission to ship orders", True), shipments.SEND, parcel),
        (Finding("permission to tell further parcels", True), shipments.FURTHER, further),
    )
