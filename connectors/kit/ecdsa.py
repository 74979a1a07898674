"""Verifies webhooks that a platform signs with its own key pair: ECDSA over the raw bytes."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hub.canonical.errors import AuthFailed, ChannelDown

DIGESTS: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA512": hashes.SHA512,
}
"""The platform chooses it for each key pair; SHA-1 is among them because eBay's keys say so."""
FRAME = re.compile(r"-----(BEGIN|END) PUBLIC KEY-----|\s")


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The key in a PEM text, which may lack its line breaks. Raises ChannelDown: it is no such key."""
    try:
        key = load_der_public_key(base64.b64decode(FRAME.sub("", text), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ChannelDown("the platform's public key cannot be read")
    return key


def verify_ecdsa(raw: bytes, signature: str, key: ec.EllipticCurvePublicKey, digest: str) -> None:
    """Accept when `signature` (base64 of DER) is the key's over `raw`.

    Args:   digest: SHA1, SHA256 or SHA512.
    Raises: AuthFailed: malformed or wrong.
    """
    try:
        given = base64.b64decode(signature, validate=True)
        canonical = base64.b64encode(given).decode() == signature
        if not canonical or digest not in DIGESTS:
            raise AuthFailed("the webhook has no readable signature")
        key.verify(given, raw, ec.ECDSA(DIGESTS[digest]()))
    except (binascii.Error, ValueError):
        raise AuthFailed("the webhook has no readable signature") from None
    except InvalidSignature:
        raise AuthFailed("the webhook's signature does not fit its body") from None
