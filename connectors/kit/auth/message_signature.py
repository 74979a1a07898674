"""Signs requests as HTTP Message Signatures ask for it (RFC 9421), with Ed25519 over digest, method, path and host.

Source: draft-ietf-httpbis-message-signatures-11, which eBay names; its published vector is met byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from requests.auth import AuthBase

from hub.canonical.faults import unfit

FRAME = re.compile(r"-----(BEGIN|END) PRIVATE KEY-----|\s")
PORTS = {"https": ":443", "http": ":80"}


def private_key(text: str) -> Ed25519PrivateKey:
    """The key in a PEM text, with or without its frame and line breaks. Raises ValueError: it is no Ed25519 key."""
    try:
        key = load_der_private_key(base64.b64decode(FRAME.sub("", text), validate=True), None)
    except (TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


def content_digest(body: bytes) -> str:
    """The header of this name: `sha-256=:…:`."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signed_text(parts: Mapping[str, str], created: int) -> tuple[str, str]:
    """(the parameters, the text that is signed) of these parts, in their order. created: seconds since 1970."""
    names = " ".join(f'"{name}"' for name in parts)
    params = f"({names});created={created}"
    lines = [*(f'"{name}": {value}' for name, value in parts.items()), f'"@signature-params": {params}']
    return params, "\n".join(lines)


class MessageSigned(AuthBase):
    """Marks each request by `inner`, then signs it.

    Args: key_header: the header, and its value, that tells the platform which key signed. now: seconds since 1970.
    """

    def __init__(
        self,
        inner: AuthBase,
        key: Ed25519PrivateKey,
        key_header: tuple[str, str],
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._inner, self._key, self._header, self._now = inner, key, key_header, now

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request = self._inner(request)
        name, value = self._header
        request.headers[name] = value
        params, text = signed_text(self._parts(request), int(self._now()))
        request.headers["Signature-Input"] = f"sig1={params}"
        request.headers["Signature"] = f"sig1=:{base64.b64encode(self._key.sign(text.encode())).decode()}:"
        return request

    def _parts(self, request: requests.PreparedRequest) -> dict[str, str]:
        """What is signed, in order; the digest only where there is a body."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        digest = {}
        if body:
            request.headers["Content-Digest"] = content_digest(body)
            digest = {"content-digest": request.headers["Content-Digest"]}
        name, value = self._header
        where = urlsplit(str(request.url))
        host = where.netloc.rpartition("@")[2].lower().removesuffix(PORTS.get(where.scheme, ""))
        return digest | {
            name.lower(): value, "@method": str(request.method), "@path": where.path or "/", "@authority": host,
        }  # fmt: skip


def signed_with_key(auth: AuthBase, secrets: Mapping[str, str], header: str) -> AuthBase:
    """What marks requests, which are signed too where the merchant has a key: `signing_key`, and in `signing_jwe` what
    the platform knows it by, which goes into `header`. Raises Misconfigured."""
    key, public = (secrets.get(name, "").strip() for name in ("signing_key", "signing_jwe"))
    if not key and not public:
        return auth
    if not key or not public:
        return unfit("set both signing_key and signing_jwe to sign requests, or none of them", auth)
    try:
        return MessageSigned(auth, private_key(key), (header, public))
    except ValueError:
        return unfit("signing_key is no Ed25519 private key: copy it whole, as it was given to you", auth)
