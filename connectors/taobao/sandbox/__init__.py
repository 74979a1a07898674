"""A Taobao shop on this machine: signed forms, trades in windows, a message queue, its own books, faults on order."""

from connectors.taobao.sandbox.sandbox import TaobaoSandbox

__all__ = ["TaobaoSandbox"]
