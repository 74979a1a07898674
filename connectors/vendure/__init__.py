"""Vendure over its GraphQL Admin API."""
