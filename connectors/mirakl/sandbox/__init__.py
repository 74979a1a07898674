"""A Mirakl marketplace on this machine: the seller API over HTTP, its own books, and faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.mirakl.sandbox.sandbox import MiraklSandbox

SANDBOX: Callable[[], Sandbox] = MiraklSandbox

__all__ = ["SANDBOX", "MiraklSandbox"]
