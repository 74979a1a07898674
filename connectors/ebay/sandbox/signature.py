"""The sandbox's digital signatures: a key pair of the application, and the check of what it signed."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.ebay.sandbox.errors import EbayError
from connectors.kit.practice.server import Request

INPUT = re.compile(
    r'sig1=(?P<params>\("content-digest" "x-ebay-signature-key" "@method" "@path" "@authority"\);created=\d{10})'
)
VALUE = re.compile(r"sig1=:(?P<value>[A-Za-z0-9+/]+=*):")


class SigningKey:
    """The key pair that the application has from eBay. `secrets`: what a connection needs to sign with it."""

    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{seed}signing".encode()).digest())
        der = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.secrets: Mapping[str, str] = {
            "signing_key": base64.b64encode(der).decode(), "signing_jwe": f"eyJ6aXAiOiJERUYi.{seed}.sandbox",
        }  # fmt: skip

    def check(self, request: Request) -> None:
        """Raises EbayError 403 where the request is not signed with this key, over its body, method, path and host."""
        headers = request.headers
        if "x-ebay-signature-key" not in headers:
            raise EbayError(403, 215001, "Missing x-ebay-signature-key header", "ACCESS")
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(request.body).digest()).decode()}:"
        told, value = INPUT.fullmatch(headers.get("signature-input", "")), VALUE.fullmatch(headers.get("signature", ""))
        if headers["x-ebay-signature-key"] != self.secrets["signing_jwe"] or not told or not value:
            raise EbayError(403, 215002, "Invalid x-ebay-signature-key, Signature-Input or Signature header", "ACCESS")
        lines = [
            f'"content-digest": {digest}', f'"x-ebay-signature-key": {self.secrets["signing_jwe"]}',
            f'"@method": {request.method}', f'"@path": {request.path}', f'"@authority": {headers["host"]}',
            f'"@signature-params": {told["params"]}',
        ]  # fmt: skip
        try:
            self._key.public_key().verify(base64.b64decode(value["value"]), "\n".join(lines).encode())
        except InvalidSignature:
            raise EbayError(403, 215120, "Signature validation failed", "ACCESS") from None
