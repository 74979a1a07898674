"""Proves that a webhook address is ours: the platform asks it with a code, and compares what we make of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from connectors.kit.settings import VERIFICATION_TOKEN
from hub.canonical.errors import BadInput
from hub.ports.channel import Connection


def verification_token(connection: Connection) -> str:
    """The token that proves our address: the merchant's own, else one made of the application's `client_secret`."""
    own, key = (connection.secrets.get(name, "").strip() for name in (VERIFICATION_TOKEN.name, "client_secret"))
    return own or hmac.new(key.encode(), b"verification token", hashlib.sha256).hexdigest()


def digest_answer(
    query: Mapping[str, str], token: str, address: str, code: str = "challenge_code", answer: str = "challengeResponse"
) -> str:
    """JSON with the hex SHA-256 of the code that we are asked with, the token and our address.

    Args:   query: of the platform's GET, which has its code as `code`; `answer` is what it calls ours.
    Raises: BadInput: it asks nothing.
    """
    asked = query.get(code)
    if not asked:
        raise BadInput(f"this address is asked with a {code}, and by the platform only")
    return json.dumps({answer: hashlib.sha256(f"{asked}{token}{address}".encode()).hexdigest()})
