"""The shared contract, against the WooCommerce sandbox with and without the shipment-tracking plug-in.

Every request that the connector sends and every answer of the sandbox is held to what WooCommerce documents.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from connectors.woocommerce.sandbox import WooSandbox
from hub.ports.channel import RawRecord, StockLine
from tests.connectors.contract import HeldContract, Strange
from tests.connectors.woocommerce.documented import specification


class TestWooCommerce(HeldContract):
    signature_header = "x-wc-webhook-signature"

    def make_sandbox(self) -> WooSandbox:
        return WooSandbox()

    def specification(self) -> Any:
        return specification()

    def unknown_status(self, record: RawRecord) -> Strange:
        body = json.loads(record.raw) | {"status": "awaiting-drone"}
        return Strange(replace(record, raw=json.dumps(body).encode()), "status", "awaiting-drone")

    def unknown_listing(self, sandbox: WooSandbox) -> StockLine:
        return StockLine("999999", 5, "stock:1:x:1", place={"product_id": "999999", "variation_id": ""})


class TestWooCommerceWithoutTracking(TestWooCommerce):
    def make_sandbox(self) -> WooSandbox:
        return WooSandbox(seed=1, tracking_plugin=False)
