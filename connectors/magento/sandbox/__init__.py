"""A Magento shop on this machine: real REST over HTTP, multi-source inventory, its own books, and faults on order."""

from connectors.magento.sandbox.sandbox import MagentoSandbox

__all__ = ["MagentoSandbox"]
