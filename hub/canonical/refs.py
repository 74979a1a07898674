"""Texts that name a thing at its channel."""

from __future__ import annotations

from typing import Annotated

FILLED = "not blank"
"""Marks a type of text that always says something."""

Ref = Annotated[str, FILLED]
"""A channel's id, or a key: text that is never blank. One that is not known is None, where the field allows it."""
