"""Verifies webhook signatures: HMAC-SHA256 over the raw bytes, compared in constant time, under any valid secret."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from hub.canonical.errors import AuthFailed, Misconfigured
from hub.ports.channel import Connection

DIGEST_SIZE = hashlib.sha256().digest_size


def sign_base64(secret: str, raw: bytes) -> str:
    """Base64 of HMAC-SHA256(secret, raw), as Shopify and WooCommerce send it."""
    return base64.b64encode(_mac(secret, raw)).decode()


def sign_hex(secret: str, raw: bytes) -> str:
    """Lower-case hex of HMAC-SHA256(secret, raw)."""
    return _mac(secret, raw).hex()


def secrets_of(text: str) -> tuple[str, ...]:
    """The valid secrets in one setting: one a line, newest first; two or more only while a rotation lasts."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def webhook_secrets(connection: Connection) -> tuple[str, ...]:
    """The secrets that sign a connection's webhooks, the one to sign with first: those of `webhook_secret`, and of
    `webhook_secret_previous` while it is rotated."""
    names = ("webhook_secret", "webhook_secret_previous")
    return tuple(secret for name in names for secret in secrets_of(connection.secrets.get(name, "")))


def verify_base64(raw: bytes, signature: str | None, secrets: Iterable[str]) -> None:
    """Accept when `signature` is the base64 HMAC of `raw` under any of the secrets.

    Raises: AuthFailed: missing, malformed or wrong. Misconfigured: no secret is set.
    """
    _verify(raw, _known(secrets), _from_base64(signature))


def verify_hex(raw: bytes, signature: str | None, secrets: Iterable[str]) -> None:
    """Accept when `signature` is the hex HMAC of `raw` under any of the secrets, in small or in capital letters.

    Raises as `verify_base64`.
    """
    _verify(raw, _known(secrets), _from_hex(signature))


def verify_standard(raw: bytes, headers: Mapping[str, str], secrets: Iterable[bytes]) -> None:
    """Accept a Standard Webhooks delivery (BigCommerce, Etsy, …): one of the `v1` signatures of id, time and body fits.

    Args:   secrets: key bytes: what stands behind `whsec_` in base64; BigCommerce's key is its client secret.
    Raises: AuthFailed: missing, malformed or wrong. Misconfigured: no secret is set.
    """
    known = [secret for secret in secrets if secret]
    if not known:
        raise _no_secret()
    message, sent = header(headers, "webhook-id"), header(headers, "webhook-timestamp")
    signed = f"{message}.{sent}.".encode() + raw
    for given in (header(headers, "webhook-signature") or "").split():
        version, _, text = given.partition(",")
        if version == "v1" and _matches(known, signed, _from_base64(text)):
            return
    raise _wrong()


def verify_text(signature: str | None, wanted: str, why: str) -> None:
    """Accept when `signature` is the text that a platform makes of a message by a rule of its own (`signing.py`).

    Raises: AuthFailed saying `why`.
    """
    if not hmac.compare_digest((signature or "").encode(), wanted.encode()):
        raise AuthFailed(why)


def event_id(raw: bytes, *told: str) -> str:
    """What names a delivery: the first text that is there, else a digest of its body, in hex."""
    return next(filter(None, told), "") or hashlib.sha256(raw).hexdigest()


def whsec(text: str) -> bytes:
    """The key bytes of a secret as Standard Webhooks writes it: `whsec_` and base64. Raises Misconfigured."""
    try:
        return base64.b64decode(text.strip().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise Misconfigured("the webhook secret cannot be read: copy it whole, from `whsec_` on") from None


def header(headers: Mapping[str, str], *names: str) -> str | None:
    """The first of these headers that is there; names and keys compare without case."""
    lowered = {key.lower(): value for key, value in headers.items()}
    return next((lowered[name.lower()] for name in names if name.lower() in lowered), None)


def _mac(secret: str, raw: bytes) -> bytes:
    return hmac.new(secret.encode(), raw, hashlib.sha256).digest()


def _known(secrets: Iterable[str]) -> list[bytes]:
    known = [secret.encode() for secret in secrets if secret]
    if not known:
        raise _no_secret()
    return known


def _verify(raw: bytes, known: list[bytes], given: bytes) -> None:
    if not _matches(known, raw, given):
        raise _wrong()


def _matches(known: list[bytes], raw: bytes, given: bytes) -> bool:
    """Every secret is tried, so that the time taken tells nothing."""
    return any([hmac.compare_digest(hmac.new(secret, raw, hashlib.sha256).digest(), given) for secret in known])


def _no_secret() -> Misconfigured:
    return Misconfigured("no webhook secret is set for this connection; set it and send the webhook again")


def _wrong() -> AuthFailed:
    return AuthFailed("the webhook's signature does not fit its body")


def _from_base64(text: str | None) -> bytes:
    try:
        given = base64.b64decode((text or "").encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        given = b""
    if base64.b64encode(given).decode() != text:
        given = b""
    return _right_size(given)


def _from_hex(text: str | None) -> bytes:
    try:
        given = bytes.fromhex(text or "")
    except ValueError:
        given = b""
    if text not in (given.hex(), given.hex().upper()):  # never both: what was altered is not believed
        given = b""
    return _right_size(given)


def _right_size(given: bytes) -> bytes:
    if len(given) != DIGEST_SIZE:
        raise AuthFailed("the webhook has no readable signature")
    return given
