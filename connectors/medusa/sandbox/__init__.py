"""A Medusa shop on this machine: REST over HTTP, strict about what it takes, own books, and faults on order."""

from connectors.medusa.sandbox.sandbox import MedusaSandbox

__all__ = ["MedusaSandbox"]
