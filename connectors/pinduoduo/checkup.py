"""Looks at the app's credentials and at each call that it needs; says exactly what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    what: str
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
            mend = (
                f"the app may not use {trial.method}: ask for it on the open platform, and authorize again ({refused})"
            )
            return Finding(trial.what, False, mend)
        except Rejected:
            return Finding(trial.what, True)
        return Finding(trial.what, True)


def _trials(now: Callable[[], datetime]) -> tuple[_Trial, ...]:
    at = str(int(now().timestamp()) - 600)
    listed = {**feed.EVERY_ORDER, "start_updated_at": at, "end_updated_at": at, "page": "1", "page_size": "1"}
    parcel = {"order_sn": NOBODY, "logistics_id": "0", "tracking_number": NOBODY}
    return (
        _Trial("permission to read changed orders", feed.CHANGED, listed),
        _Trial("permission to read an order", feed.DETAIL, {"order_sn": NOBODY}),
        _Trial("permission to read goods", stock.GOODS, {"page": "1", "page_size": "1"}),
        _Trial("permission to read a SKU's stock", stock.DETAIL, {"goods_id": "0"}),
        _Trial("permission to write stock", stock.UPDATE, {"goods_id": "0", "sku_id": "0", "quantity": "0"}),
        _Trial("permission to read carriers", shipments.CARRIERS, {}),
        _Trial("permission to ship orders", shipments.SEND, parcel),
        _Trial(
            "permission to tell further parcels",
            shipments.FURTHER,
            {"order_sn": NOBODY, "extra_track_list": '[{"shipping_id":0,"tracking_number":"0"}]'},
        ),
    )
