"""An Amazon seller's account on this machine: LWA, orders, listings, feeds, a queue, its own books, faults on order."""

from connectors.amazon.sandbox.sandbox import AmazonSandbox

__all__ = ["AmazonSandbox"]
