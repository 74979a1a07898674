"""A Taobao shop on this machine: signed forms, trades in windows, a message queue, its own books, faults on order."""

from collections.abc import Callable

from connectors.kit.practice.sandbox import Sandbox
from connectors.taobao.sandbox.sandbox import TaobaoSandbox

SANDBOX: Callable[[], Sandbox] = TaobaoSandbox

__all__ = ["SANDBOX", "TaobaoSandbox"]
