"""Thin tasks: each work runs one use case; `_run` sorts what goes wrong."""
