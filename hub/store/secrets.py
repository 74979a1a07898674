"""Seals credentials at rest: each value under a data key of its own, that key wrapped by a key of the installation."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.canonical.errors import InvariantBroken, Misconfigured

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_FILE = "secret_keys"
_KID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")

Key = tuple[str, bytes]
"""(key id, 32 bytes)."""


def connection_aad(connection_id: int, field: str) -> str:
    """What a connection's secret is bound to: moved to another row or field it cannot be opened."""
    return f"connection:{connection_id}:{field}"


def parse_keys(text: str, source: str = "STOCKLINE_SECRET_KEYS") -> tuple[Key, ...]:
    """Read "kid:base64,kid2:base64" (commas or new lines); the first key seals, the others only open.

    Raises: Misconfigured: naming the entry by its place, never by its content.
    """
    entries = [part.strip() for part in re.split(r"[,\n]", text) if part.strip()]
    keys = tuple(_one_key(entry, f"{source}, entry {place}") for place, entry in enumerate(entries, start=1))
    if not keys:
        raise Misconfigured(f"{source} holds no key; write kid:base64, 32 bytes from e.g. `openssl rand -base64 32`")
    if len({kid for kid, _ in keys}) != len(keys):
        raise Misconfigured(f"{source} names a key id twice; give every key an id of its own")
    return keys


def _one_key(entry: str, where: str) -> Key:
    kid, _, encoded = entry.partition(":")
    if not _KID.match(kid):
        raise Misconfigured(f"{where}: the key id must be 1 to 32 letters, digits, - or _; write kid:base64")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(f"{where}: the part after the colon is not base64") from None
    if len(raw) != KEY_BYTES:
        raise Misconfigured(f"{where}: the key has {len(raw)} bytes, it needs {KEY_BYTES}")
    return kid, raw


def new_key_line() -> str:
    """A fresh key as one "kid:base64" line."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def installation_keys(given: str | None, folder: Path) -> tuple[Key, ...]:
    """The keys of this installation: `given` (the environment's), else the key file in `folder`, made on the first run.

    Raises: Misconfigured: the text or file cannot be used, or others than its owner may read the file.
    """
    if given:
        return parse_keys(given)
    path = folder / KEY_FILE
    if not path.exists():
        _create(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Misconfigured(f"others may read the key file {path}; run: chmod 600 {path}")
    return parse_keys(path.read_text(encoding="ascii"), source=str(path))


def _create(path: Path) -> None:
    """Write a new key file, 0600, whole or not at all; the file of a faster process stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(new_key_line() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


class SecretBox:
    """Seals and opens short texts with AES-256-GCM under one or several installation keys.

    A sealed text reads "v1.<key id>.<wrapped data key>.<ciphertext>", the last two base64url. The ciphertext is bound
    to `aad`, the wrapped key to its key id. Rotation wraps the data key anew and leaves the ciphertext alone.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        """Args: keys: at least one; the first seals, all open."""
        if not keys:
            raise Misconfigured("no key to seal secrets with; set STOCKLINE_SECRET_KEYS")
        self._keys = {kid: AESGCM(raw) for kid, raw in keys}
        self._current = keys[0][0]

    def __repr__(self) -> str:
        return f"SecretBox(seals with {self._current}, opens {sorted(self._keys)})"

    def seal(self, text: str, aad: str) -> str:
        """`text` sealed and bound to `aad` (see `connection_aad`); never twice the same."""
        data_key = secrets.token_bytes(KEY_BYTES)
        wrapped = _encrypt(self._keys[self._current], data_key, _wrap_aad(self._current))
        body = _encrypt(AESGCM(data_key), text.encode(), aad.encode())
        return ".".join((VERSION, self._current, _text(wrapped), _text(body)))

    def open(self, sealed: str, aad: str) -> str:
        """The text again. Raises: Misconfigured: its key is not here. InvariantBroken: altered, or of another row."""
        kid, wrapped, body = _parts(sealed)
        data_key = self._unwrap(kid, wrapped)
        return _decrypt(AESGCM(data_key), body, aad.encode(), aad).decode()

    def needs_rotation(self, sealed: str) -> bool:
        """True when another key than the current one wraps it."""
        return _parts(sealed)[0] != self._current

    def rewrap(self, sealed: str) -> str:
        """The same secret under the current key; after it the old key is no longer needed for this text."""
        kid, wrapped, body = _parts(sealed)
        again = _encrypt(self._keys[self._current], self._unwrap(kid, wrapped), _wrap_aad(self._current))
        return ".".join((VERSION, self._current, _text(again), _text(body)))

    def _unwrap(self, kid: str, wrapped: bytes) -> bytes:
        if kid not in self._keys:
            raise Misconfigured(f"a secret was sealed with the key {kid!r}, not here; add it to STOCKLINE_SECRET_KEYS")
        return _decrypt(self._keys[kid], wrapped, _wrap_aad(kid), f"data key under {kid}")


def _wrap_aad(kid: str) -> bytes:
    return f"stockline:{VERSION}:{kid}".encode()


def _encrypt(cipher: AESGCM, plain: bytes, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, aad)


def _decrypt(cipher: AESGCM, blob: bytes, aad: bytes, what: str) -> bytes:
    try:
        return cipher.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise InvariantBroken(f"a sealed secret does not open ({what}): altered, or of another row or key") from None


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _parts(sealed: str) -> tuple[str, bytes, bytes]:
    """(key id, wrapped data key, ciphertext). Raises: InvariantBroken: not a sealed text."""
    pieces = sealed.split(".")
    if len(pieces) != 4 or pieces[0] != VERSION:
        raise InvariantBroken("a stored secret is not a sealed text of this version")
    try:
        return pieces[1], _bytes(pieces[2]), _bytes(pieces[3])
    except (binascii.Error, ValueError):
        raise InvariantBroken("a stored secret is damaged: its base64 does not read") from None
