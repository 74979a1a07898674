"""A Douyin shop on this machine: its own books, strict about signatures and permissions, with faults on order."""

from connectors.douyin.sandbox.sandbox import DouyinSandbox

__all__ = ["DouyinSandbox"]
