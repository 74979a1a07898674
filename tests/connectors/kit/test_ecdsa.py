"""Webhooks signed with the platform's own key: eBay's published vector, and nothing altered gets through."""

from __future__ import annotations

import base64
import json

import pytest

from connectors.kit.ecdsa import PublicKey
from hub.canonical.errors import AuthFailed, ChannelDown
from tests.connectors.kit.ebay_vector import KEY, RAW, SIGNATURE


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
