"""The contract that every connector passes; a channel subclasses it and says how its sandbox and its oddities are made.

    class TestShelfMart(ConnectorContract):
        def make_sandbox(self): return ShelfMartSandbox()
        ...

What a channel cannot have (a file channel has no 429) is named in its `quality.toml`, `[exempt]`: test name = reason.
"""

from __future__ import annotations

from tests.connectors.contracts.base import CANARY, ITEMS, SHOPPER, Strange
from tests.connectors.contracts.orders import OrdersContract
from tests.connectors.contracts.passport import PassportContract
from tests.connectors.contracts.shipments import ShipmentsContract
from tests.connectors.contracts.stock import StockContract
from tests.connectors.contracts.webhooks import WebhooksContract

__all__ = ["CANARY", "ITEMS", "SHOPPER", "ConnectorContract", "Strange"]


class ConnectorContract(PassportContract, OrdersContract, StockContract, ShipmentsContract, WebhooksContract):
    """Subclass it as `Test...`; fill in the hooks of `ContractBase`; do not overwrite its tests."""
