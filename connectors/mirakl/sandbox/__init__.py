"""A Mirakl marketplace on this machine: the seller API over HTTP, its own books, and faults on order."""

from connectors.mirakl.sandbox.sandbox import MiraklSandbox

__all__ = ["MiraklSandbox"]
