"""A dealer to practice with: real files in a folder or on an SFTP server, his own books, and faults on order."""

from connectors.x12.sandbox.dealer import X12Sandbox

__all__ = ["X12Sandbox"]
