"""Douyin Shop (抖店), spoken to over its open platform."""
