"""Taobao and Tmall shops, spoken to over their open platform (TOP)."""
