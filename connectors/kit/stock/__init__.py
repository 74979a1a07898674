"""Listings and stock numbers, however a shop takes them."""
