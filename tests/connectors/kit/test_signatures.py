"""Webhook signatures: raw bytes, several secrets, nothing altered gets through."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from connectors.kit.hooks.signatures import (
    event_id,
    header,
    secrets_of,
    sign_base64,
    sign_hex,
    verify_base64,
    verify_hex,
    verify_text,
    webhook_secrets,
)
from hub.canonical.errors import AuthFailed, Misconfigured
from hub.ports.channel import Connection

BODY = '{"id": 1, "note": "café 测试"}'.encode()


def test_a_good_signature_passes_under_the_old_and_the_new_secret() -> None:
    for secret in ("old", "new"):
        verify_base64(BODY, sign_base64(secret, BODY), ["new", "old"])
        verify_hex(BODY, sign_hex(secret, BODY), ["new", "old"])
    verify_hex(BODY, sign_hex("new", BODY).upper(), ["new"])
    mixed = sign_hex("new", BODY)
    letter = next(at for at, sign in enumerate(mixed) if sign.isalpha())
    with pytest.raises(AuthFailed):
        verify_hex(BODY, mixed[:letter] + mixed[letter].upper() + mixed[letter + 1 :], ["new"])


def test_another_secret_does_not_pass() -> None:
    with pytest.raises(AuthFailed, match="does not fit"):
        verify_base64(BODY, sign_base64("stolen", BODY), ["new", "old"])


@pytest.mark.parametrize("signature", [None, "", "é", "AAAA", "not base64!", sign_base64("s", BODY) + "\n", " "])
def test_a_missing_or_malformed_signature_is_refused(signature: str | None) -> None:
    for verify in (verify_base64, verify_hex):
        with pytest.raises(AuthFailed):
            verify(BODY, signature, ["s"])


def test_no_mutant_of_body_or_signature_passes() -> None:
    dice, good, refused = random.Random(7), sign_base64("s", BODY), 0
    for _ in range(2000):
        body, signature = bytearray(BODY), bytearray(good.encode())
        target = dice.choice([body, signature])
        target[dice.randrange(len(target))] ^= 1 << dice.randrange(7)
        with pytest.raises(AuthFailed):
            verify_base64(bytes(body), signature.decode("latin-1"), ["s"])
        refused += 1
    assert refused == 2000


def test_without_a_secret_nothing_is_accepted() -> None:
    with pytest.raises(Misconfigured, match="no webhook secret"):
        verify_base64(BODY, sign_base64("", BODY), ["", ""])


def test_one_setting_holds_several_secrets_one_a_line() -> None:
    assert secrets_of(" new,one with space \n\nold\n") == ("new,one with space", "old")


def test_headers_are_found_without_case_first_name_first() -> None:
    assert header({"X-WC-Topic": "a", "x-other": "b"}, "x-missing", "X-OTHER", "x-wc-topic") == "b"
    assert header({}, "x") is None


@pytest.mark.data
@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_the_recorded_vectors_verify(platform: str, shared_data: Path) -> None:
    vectors = json.loads((shared_data / "signatures" / "vectors.json").read_text())
    found = [v for v in vectors if v["platform"] == platform and v["kind"] == "webhook"]
    assert found
    for vector in found:
        (signature,) = vector["headers"].values()
        verify_base64(vector["raw_body"].encode(), signature, [vector["secret"]])
        with pytest.raises(AuthFailed):
            verify_base64(vector["raw_body"].encode() + b" ", signature, [vector["secret"]])


@pytest.mark.data
def test_the_published_shopify_oauth_vector_verifies(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "signatures" / "published_vectors.json").read_text())
    (vector,) = [v for v in vectors if v["platform"] == "shopify_oauth"]
    text = "&".join(f"{name}={value}" for name, value in sorted(vector["params"].items()))
    verify_hex(text.encode(), vector["hmac"], [vector["secret"]])


def test_a_signature_by_a_rule_of_the_platforms_own_is_compared_as_it_is() -> None:
    verify_text("abc", "abc", "does not fit")
    for wrong in (None, "", "ABC", "abcd", "é"):
        with pytest.raises(AuthFailed, match="does not fit"):
            verify_text(wrong, "abc", "does not fit")


def test_a_delivery_is_named_by_the_first_name_that_is_there_else_by_its_body() -> None:
    assert event_id(BODY, "", "m-1", "m-2") == "m-1"
    assert event_id(BODY) == event_id(BODY, "", "") == hashlib.sha256(BODY).hexdigest()


def test_the_secrets_of_a_connection_are_the_present_ones_and_the_former() -> None:
    def of(**secrets: str) -> tuple[str, ...]:
        return webhook_secrets(Connection(1, "w", "w", {}, secrets))

    assert of(webhook_secret="new\nother", webhook_secret_previous=" old ") == ("new", "other", "old")
    assert (of(webhook_secret_previous="old"), of()) == (("old",), ())
