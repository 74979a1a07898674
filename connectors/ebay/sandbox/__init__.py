"""An eBay seller's account on this machine: OAuth, orders, inventory, refunds, its own books, and faults on order."""

from connectors.ebay.sandbox.sandbox import EbaySandbox

__all__ = ["EbaySandbox"]
