"""A Magento shop on this machine: real REST over HTTP, multi-source inventory, its own books, and faults on order."""

from collections.abc import Callable
from functools import partial

from connectors.kit.practice.sandbox import Sandbox
from connectors.magento.sandbox.sandbox import MagentoSandbox

SANDBOX: Callable[[], Sandbox] = partial(MagentoSandbox, paid=True)
"""Its orders come paid: one that is not waits for the money, not for us."""

__all__ = ["SANDBOX", "MagentoSandbox"]
