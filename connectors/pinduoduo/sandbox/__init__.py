"""A Pinduoduo shop on this machine: the open platform's gateway over HTTP, its own books, and faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.pinduoduo.sandbox.sandbox import PinduoduoSandbox

SANDBOX: Callable[[], Sandbox] = PinduoduoSandbox

__all__ = ["SANDBOX", "PinduoduoSandbox"]
