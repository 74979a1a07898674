"""A Douyin shop on this machine: its own books, strict about signatures and permissions, with faults on order."""

from collections.abc import Callable

from connectors.douyin.sandbox.sandbox import DouyinSandbox
from connectors.kit.practice.sandbox import Sandbox

SANDBOX: Callable[[], Sandbox] = DouyinSandbox

__all__ = ["SANDBOX", "DouyinSandbox"]
