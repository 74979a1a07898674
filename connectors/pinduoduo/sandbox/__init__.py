"""A Pinduoduo shop on this machine: the open platform's gateway over HTTP, its own books, and faults on order."""

from connectors.pinduoduo.sandbox.sandbox import PinduoduoSandbox

__all__ = ["PinduoduoSandbox"]
