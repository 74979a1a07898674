"""A WooCommerce shop on this machine: real REST v3 over HTTP, its own books, and faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.woocommerce.sandbox.sandbox import WooSandbox

SANDBOX: Callable[[], Sandbox] = WooSandbox

__all__ = ["SANDBOX", "WooSandbox"]
