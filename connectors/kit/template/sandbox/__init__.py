"""A practice shop on this machine: the protocol over HTTP, its own books, and faults on request."""

from .practice import PracticeShop

__all__ = ["PracticeShop"]
