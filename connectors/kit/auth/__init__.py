"""Letting us in: access tokens, and requests that are signed."""
