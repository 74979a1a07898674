"""A practice shop on this machine: the protocol over HTTP, its own books, and faults on request."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox

from .practice import PracticeShop

SANDBOX: Callable[[], Sandbox] = PracticeShop
"""What `stockline connectors practice shelfmart` starts."""

__all__ = ["SANDBOX", "PracticeShop"]
