"""Asking a channel: HTTP and its errors, limits, pages, GraphQL."""
