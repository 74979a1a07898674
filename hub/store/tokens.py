"""Random tokens for sessions, links and keys; the database only ever sees their SHA-256."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """43 URL-safe characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def new_prefix() -> str:
    """The readable start of an API key, by which people tell keys apart: "sl_" and 8 hex digits."""
    return f"sl_{secrets.token_hex(4)}"


def token_hash(token: str) -> str:
    """Hex SHA-256. Enough for a random token (a password needs argon2id)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
