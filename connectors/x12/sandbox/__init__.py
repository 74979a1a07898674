"""A dealer to practice with: real files in a folder or on an SFTP server, his own books, and faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.x12.sandbox.dealer import X12Sandbox

SANDBOX: Callable[[], Sandbox] = X12Sandbox

__all__ = ["SANDBOX", "X12Sandbox"]
