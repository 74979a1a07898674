"""The contract is part of the product (`connectors/kit/contract/`); the tests here take it from this place."""

from __future__ import annotations

from connectors.kit.contract.base import CANARY, ITEMS, SHOPPER, Strange
from connectors.kit.contract.suite import ConnectorContract

__all__ = ["CANARY", "ITEMS", "SHOPPER", "ConnectorContract", "Strange"]
