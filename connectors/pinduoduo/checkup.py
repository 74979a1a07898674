"""Looks at the app's credentials and at each call that it needs; says exactly what is missing."""

from __future__ import annotations

from connectors.kit.wire.gateway import AppCheckup, Trial
from connectors.pinduoduo import client, feed, shipments, stock
from hub.canonical.told import told
from hub.ports.channel import Finding

NOBODY = "stockline-check"


class Checkup(AppCheckup[client.Gateway]):
    """The check of one shop."""

    entrance = Finding("app and access token", True)
    mend = told(
        "the platform refused the app or its token: check client ID and secret, and authorize the app again: {error}"
    )

    def trials(self) -> tuple[Trial, ...]:
        """Calls that change nothing: an order and goods that nobody has show whether the app may do it."""
        now = self._gateway.now()
        one = client.LIST.query(0) | {"page_size": "1"}
        at = str(int(now.timestamp()) - 600)
        listed = {**feed.EVERY_ORDER, "start_updated_at": at, "end_updated_at": at, **one}
        number = {"goods_id": "0", "sku_id": "0", "quantity": "0"}
        parcel = {"order_sn": NOBODY, "logistics_id": "0", "tracking_number": NOBODY}
        further = {"order_sn": NOBODY, "extra_track_list": '[{"shipping_id":0,"tracking_number":"0"}]'}
        return (
            (Finding("permission to read changed orders", True), feed.CHANGED, listed),
            (Finding("permission to read an order", True), client.ORDER, {"order_sn": NOBODY}),
            (Finding("permission to read refunds", True), feed.REFUNDS, feed.refunds_of(NOBODY, now)),
            (Finding("permission to read goods", True), stock.GOODS, one),
            (Finding("permission to read a SKU's stock", True), stock.DETAIL, {"goods_id": "0"}),
            (Finding("permission to write stock", True), stock.UPDATE, number),
            (Finding("permission to read carriers", True), shipments.CARRIERS, {}),
            (Finding("permission to ship orders", True), shipments.SEND, parcel),
            (Finding("permission to tell further parcels", True), shipments.FURTHER, further),
        )
