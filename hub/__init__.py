"""Stockline: the hub between sales channels, stock and warehouses."""

__version__ = "0.1.0"
