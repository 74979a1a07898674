"""Medusa v2, over its admin API."""
