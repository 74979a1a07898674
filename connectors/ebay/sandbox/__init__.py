"""An eBay seller's account on this machine: OAuth, orders, inventory, refunds, its own books, and faults on order."""

from collections.abc import Callable

from connectors.ebay.sandbox.sandbox import EbaySandbox
from connectors.kit.practice.sandbox import Sandbox

SANDBOX: Callable[[], Sandbox] = EbaySandbox

__all__ = ["SANDBOX", "EbaySandbox"]
