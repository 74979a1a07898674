"""Platforms that speak as Taobao's does (TOP)."""
