"""Webhooks signed with the platform's own key: eBay's published vector, and nothing altered gets through."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from connectors.kit.hooks.ecdsa import KeyRing, PublicKey, verify_named
from hub.canonical.errors import AuthFailed, ChannelDown
from tests.connectors.kit.ebay_vector import KEY, KID, RAW, SIGNATURE


def signed() -> str:
    return str(json.loads(base64.b64decode(SIGNATURE))["signature"])


def test_the_published_vector_verifies_and_no_altered_body_does() -> None:
    PublicKey.read(KEY, "SHA1").verify(RAW, signed())
    for altered in (RAW + b" ", RAW.replace(b"test_user", b"test_usex"), b""):
        with pytest.raises(AuthFailed, match="does not fit its body"):
            PublicKey.read(KEY, "SHA1").verify(altered, signed())


@pytest.mark.parametrize("signature", ["", "é", "AAAA", "not base64!", "MEYC", "A" * 400])
def test_a_malformed_signature_is_refused(signature: str) -> None:
    with pytest.raises(AuthFailed):
        PublicKey.read(KEY, "SHA1").verify(RAW, signature)


def test_another_digest_than_the_keys_does_not_fit_and_an_unknown_one_is_refused() -> None:
    with pytest.raises(AuthFailed, match="does not fit"):
        PublicKey.read(KEY, "SHA256").verify(RAW, signed())
    with pytest.raises(ChannelDown, match="public key cannot be read"):
        PublicKey.read(KEY, "MD5")


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----", "no key", "é"])
def test_what_is_no_key_is_a_fault_of_the_platform(text: str) -> None:
    with pytest.raises(ChannelDown, match="public key cannot be read"):
        PublicKey.read(text, "SHA1")


def test_a_key_with_its_line_breaks_is_the_same() -> None:
    broken = KEY.replace("KEY-----M", "KEY-----\nM").replace("-----END", "\n-----END")
    assert PublicKey.read(broken, "SHA1") == PublicKey.read(KEY, "SHA1")


def named(**changed: Any) -> str:
    told = json.loads(base64.b64decode(SIGNATURE)) | changed
    return base64.b64encode(json.dumps(told).encode()).decode()


def ring(asked: list[str]) -> KeyRing:
    def ask(kid: str) -> PublicKey | None:
        asked.append(kid)
        return PublicKey.read(KEY, "SHA1") if kid == KID else None

    return KeyRing(ask)


def test_a_signature_that_names_its_key_is_held_to_that_key() -> None:
    asked = list[str]()
    verify_named(RAW, SIGNATURE, ring(asked))
    verify_named(RAW, named(), ring(asked))
    assert asked == [KID, KID]
    with pytest.raises(AuthFailed, match="does not fit its body"):
        verify_named(RAW + b" ", SIGNATURE, ring(asked))


@pytest.mark.parametrize("signature", [named(kid="other"), named(alg="none"), named(digest="SHA256")])
def test_a_key_that_the_platform_does_not_know_so_is_not_believed(signature: str) -> None:
    with pytest.raises(AuthFailed, match="a key that the platform does not know"):
        verify_named(RAW, signature, ring([]))


@pytest.mark.parametrize(
    "signature",
    [None, "", "é", "e30=", base64.b64encode(b"[]").decode(), SIGNATURE + "\n", named(kid="../x"), named(kid=7)],
)
def test_a_signature_that_cannot_be_read_asks_for_no_key(signature: str | None) -> None:
    asked = list[str]()
    with pytest.raises(AuthFailed, match="no readable signature"):
        verify_named(RAW, signature, ring(asked))
    assert asked == []
