"""A Medusa shop on this machine: REST over HTTP, strict about what it takes, own books, and faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.medusa.sandbox.sandbox import MedusaSandbox

SANDBOX: Callable[[], Sandbox] = MedusaSandbox

__all__ = ["SANDBOX", "MedusaSandbox"]
