"""A WooCommerce shop on this machine: real REST v3 over HTTP, its own books, and faults on order."""

from connectors.woocommerce.sandbox.sandbox import WooSandbox

__all__ = ["WooSandbox"]
