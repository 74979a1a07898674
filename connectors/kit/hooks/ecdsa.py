"""Verifies webhooks that a platform signs with its own key pairs: ECDSA over the raw bytes, keys asked for by id."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
KEPT_S = 3600.0
"""How long a key is good without asking again, in seconds (eBay names an hour)."""
MOST_UNKNOWN = 100
NAMED = ("alg", "kid", "signature", "digest")
KID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A platform's public key. `digest`: SHA1, SHA256 or SHA512."""

    key: ec.EllipticCurvePublicKey
    digest: str

    @classmethod
    def read(cls, text: str, digest: str) -> PublicKey:
        """The key in a PEM text, which may lack its line breaks. Raises ChannelDown: it is no such key."""
        try:
            key = load_der_public_key(base64.b64decode(FRAME.sub("", text), validate=True))
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePublicKey) or digest not in DIGESTS:
            raise ChannelDown("the platform's public key cannot be read")
        return cls(key, digest)

    def verify(self, raw: bytes, signature: str) -> None:
        """Accept when `signature` (base64 of DER) is this key's over `raw`. Raises AuthFailed: malformed or wrong."""
        try:
            given = base64.b64decode(signature, validate=True)
        except ValueError:
            given = b""
        if not given or base64.b64encode(given).decode() != signature:
            raise AuthFailed("the webhook has no readable signature")
        try:
            self.key.verify(given, raw, ec.ECDSA(DIGESTS[self.digest]()))
        except InvalidSignature:
            raise AuthFailed("the webhook's signature does not fit its body") from None


class KeyRing:
    """A platform's public keys by id, each asked for once an hour. Safe to share between threads.

    Ids that the platform does not know are remembered too, and only so many are asked for in an hour: anybody can send
    them.

    Args: ask: gets the key of an id; None where the platform knows none. clock: seconds, monotonic.
    """

    def __init__(self, ask: Callable[[str], PublicKey | None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock, self._lock = ask, clock, threading.Lock()
        self._known = dict[str, tuple[float, PublicKey]]()
        self._unknown = dict[str, float]()

    def find(self, kid: str) -> PublicKey | None:
        """The key of this id; None where there is none. Raises what `ask` raises."""
        with self._lock:
            until, key = self._known.get(kid, (0.0, None))
            return key if self._clock() < until else self._asked(kid)

    def _asked(self, kid: str) -> PublicKey | None:
        now = self._clock()
        self._unknown = {one: until for one, until in self._unknown.items() if until > now}
        if kid in self._unknown or (kid not in self._known and len(self._unknown) >= MOST_UNKNOWN):
            return None
        key = self._ask(kid)
        if key is None:
            self._known.pop(kid, None)
            self._unknown[kid] = now + KEPT_S
        else:
            self._known[kid] = (now + KEPT_S, key)
        return key


def verify_named(raw: bytes, signature: str | None, keys: KeyRing) -> None:
    """Accept what is signed with the platform's key that the signature names.

    Args:   signature: base64 of JSON with `alg` (ecdsa), `kid`, `digest` and `signature` (base64 of DER), all texts.
    Raises: AuthFailed: malformed, of a key that the platform does not know, or wrong; and what asking for a key raises.
    """
    told = _opened(signature)
    key = keys.find(told["kid"])
    if key is None or told["digest"] != key.digest or told["alg"] != "ecdsa":
        raise AuthFailed("the notification is signed with a key that the platform does not know")
    key.verify(raw, told["signature"])


def _opened(signature: str | None) -> Mapping[str, str]:
    """What the signature says. Raises AuthFailed."""
    try:
        text = base64.b64decode((signature or "").encode("ascii"), validate=True)
        told = json.loads(text) if base64.b64encode(text).decode() == signature else {}
    except (ValueError, RecursionError):
        told = {}
    whole = isinstance(told, dict) and all(isinstance(told.get(word), str) for word in NAMED)
    if not whole or not KID.fullmatch(told["kid"]):
        raise AuthFailed("the webhook has no readable signature")
    return told
