"""An Amazon seller's account on this machine: LWA, orders, listings, feeds, a queue, its own books, faults on order."""

from collections.abc import Callable

from connectors.amazon.sandbox.sandbox import AmazonSandbox
from connectors.kit.practice.sandbox import Sandbox

SANDBOX: Callable[[], Sandbox] = AmazonSandbox

__all__ = ["SANDBOX", "AmazonSandbox"]
