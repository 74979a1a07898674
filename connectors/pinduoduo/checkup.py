"""Looks at the app's credentials and at each call that it needs; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from connectors.pinduoduo import feed, shipments, stock
from connectors.pinduoduo.client import Gateway, NotGranted
from hub.canonical.errors import AuthFailed, Rejected
from hub.canonical.told import told
from hub.ports.channel import Finding

NOBODY = "stockline-check"
TOKEN = told("the platform refused the app or its token: check client ID and secret, and authorize the app again")


class _Trial(NamedTuple):
    """One call that changes nothing: an order and goods that nobody has show whether the app may do it."""

    refused: Finding
    method: str
    params: Mapping[str, str]


class Checkup:
    """The check of one shop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; wrong credentials end them."""
        found = list[Finding]()
        for trial in _trials(self._gateway.now):
            try:
                found.append(self._tried(trial))
            except AuthFailed:
                return (Finding("app and access token", False, TOKEN),)
        return (Finding("app and access token", True), *found)

    def _tried(self, trial: _Trial) -> Finding:
        try:
            self._gateway.read(trial.method, trial.params)
        except NotGranted as refused:
            mend = told(
                f"the app may not use {trial.method}: ask for it on the open platform, and authorize again ({refused})"
            )
            return replace(trial.refused, mend=mend)
        except Rejected:
            return replace(trial.refused, ok=True)  # the call was understood: what is wrong is the order or goods
        return replace(trial.refused, ok=True)


def _trials(now: Callable[[], datetime]) -> tuple[_Trial, ...]:
    at = str(int(now().timestamp()) - 600)
    listed = {**feed.EVERY_ORDER, "start_updated_at": at, "end_updated_at": at, "page": "1", "page_size": "1"}
    parcel = {"order_sn": NOBODY, "logistics_id": "0", "tracking_number": NOBODY}
    return (
        _Trial(Finding("permission to read changed orders", False), feed.CHANGED, listed),
        _Trial(Finding("permission to read an order", False), feed.DETAIL, {"order_sn": NOBODY}),
        _Trial(Finding("permission to read refunds", False), feed.REFUNDS, feed.refunds_of(NOBODY, now())),
        _Trial(Finding("permission to read goods", False), stock.GOODS, {"page": "1", "page_size": "1"}),
        _Trial(Finding("permission to read a SKU's stock", False), stock.DETAIL, {"goods_id": "0"}),
        _Trial(
            Finding("permission to write stock", False), stock.UPDATE, {"goods_id": "0", "sku_id": "0", "quantity": "0"}
        ),
        _Trial(Finding("permission to read carriers", False), shipments.CARRIERS, {}),
        _Trial(Finding("permission to ship orders", False), shipments.SEND, parcel),
        _Trial(
            Finding("permission to tell further parcels", False),
            shipments.FURTHER,
            {"order_sn": NOBODY, "extra_track_list": '[{"shipping_id":0,"tracking_number":"0"}]'},
        ),
    )
