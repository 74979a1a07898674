"""Shops on Pinduoduo, spoken to over its open platform."""
