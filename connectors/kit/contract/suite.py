"""The contract that every connector passes; a channel subclasses it and says how its sandbox and its oddities are made.

    class TestShelfMart(ConnectorContract):
        def make_sandbox(self): return ShelfMartSandbox()
        ...

What a channel cannot have (a file channel has no 429) is named in its `quality.toml`, `[exempt]`: test name = reason.
"""

from __future__ import annotations

from connectors.kit.contract.claims import ClaimsContract
from connectors.kit.contract.orders import OrdersContract
from connectors.kit.contract.passport import PassportContract
from connectors.kit.contract.refunds import RefundsContract
from connectors.kit.contract.shipments import ShipmentsContract
from connectors.kit.contract.stock import StockContract
from connectors.kit.contract.webhooks import WebhooksContract


class ConnectorContract(
    PassportContract,
    ClaimsContract,
    OrdersContract,
    RefundsContract,
    StockContract,
    ShipmentsContract,
    WebhooksContract,
):
    """Subclass it as `Test...`; fill in the hooks of `ContractBase`; do not overwrite its tests."""
