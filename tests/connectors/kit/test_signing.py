"""Requests and deliveries are signed as the platforms sign them: every recorded vector, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.auth.signing import (
    joined,
    sign_douyin,
    sign_lazada,
    sign_shopee,
    sign_shopify_query,
    sign_tiktok,
    sign_top,
)
from connectors.kit.hooks.signatures import verify_base64, verify_hex, verify_standard, whsec
from hub.canonical.errors import AuthFailed, Misconfigured

Vector = Mapping[str, Any]


def _douyin(v: Vector) -> None:
    assert sign_douyin(v["secret"], v) == v["sign"]
    assert sign_douyin(v["secret"], v, "md5") == v["sign_md5"]


def _shopee(v: Vector) -> None:
    found = sign_shopee(v["secret"], v["partner_id"], v["path"], v["timestamp"], v["access_token"], v["shop_id"])
    assert found == v["sign"]


def _standard(v: Vector) -> None:
    key = whsec(v["secret"]) if v["secret"].startswith("whsec_") else v["secret"].encode()
    verify_standard(v["raw_body"].encode(), v["headers"], [key])


def _base64(v: Vector) -> None:
    verify_base64(v["raw_body"].encode(), next(iter(v["headers"].values())), [v["secret"]])


def _hex(signed: Callable[[Vector], str]) -> Callable[[Vector], None]:
    return lambda v: verify_hex(signed(v).encode(), v["headers"]["Authorization"], [v["secret"]])


def _equal(sign: Callable[[Vector], str], field: str = "sign") -> Callable[[Vector], None]:
    def check(v: Vector) -> None:
        assert sign(v) == v[field]

    return check


CHECKS: dict[tuple[str, str], Callable[[Vector], None]] = {
    ("shopify", "webhook"): _base64,
    ("woocommerce", "webhook"): _base64,
    ("bigcommerce", "webhook"): _standard,
    ("standard_webhooks", ""): _standard,
    ("tiktok_shop", "webhook"): _hex(lambda v: v["app_key"] + v["raw_body"]),
    ("tiktok_shop", "request"): _equal(lambda v: sign_tiktok(v["secret"], v["path"], v["query"], v["body"])),
    ("shopee", "push"): _hex(lambda v: f"{v['callback_url']}|{v['raw_body']}"),
    ("shopee", "request"): _shopee,
    ("lazada", "request"): _equal(lambda v: sign_lazada(v["secret"], v["path"], v["params"])),
    ("taobao", "request"): _equal(lambda v: sign_top(v["secret"], v["params"])),
    ("pinduoduo", "request"): _equal(lambda v: sign_top(v["secret"], v["params"])),
    ("douyin", "request"): _douyin,
    ("shopify_oauth", ""): _equal(lambda v: sign_shopify_query(v["secret"], v["params"]), "hmac"),
}


def test_every_recorded_vector_is_met_byte_for_byte(shared_data: Path) -> None:
    files = sorted((shared_data / "signatures").glob("*.json"))
    vectors = [vector for file in files for vector in json.loads(file.read_text())]
    assert len(vectors) >= 14
    for vector in vectors:
        CHECKS[vector["platform"], vector.get("kind", "")](vector)
    assert {(v["platform"], v.get("kind", "")) for v in vectors} == CHECKS.keys()


def test_parameters_are_sorted_and_a_signature_never_signs_itself() -> None:
    assert joined({"b": "2", "sign": "x", "a": "1"}) == "a1b2"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"}, {"webhook-timestamp": "1614265331"}, {"webhook-signature": ""},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,AAAA"}, {"webhook-signature": "v1"},
    ],
)  # fmt: skip
def test_a_delivery_whose_id_time_or_signature_was_changed_is_refused(change: Mapping[str, str]) -> None:
    key, body = whsec("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), b'{"test": 2432232314}'
    good = {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }  # fmt: skip
    verify_standard(body, good, [b"old", key])
    with pytest.raises(AuthFailed):
        verify_standard(body, {name.lower(): value for name, value in good.items()} | change, [key])


def test_a_secret_that_cannot_be_read_or_is_missing_is_named() -> None:
    with pytest.raises(Misconfigured, match="copy it whole, from `whsec_` on"):
        whsec("whsec_not base64!")
    with pytest.raises(Misconfigured, match="no webhook secret is set"):
        verify_standard(b"", {}, [b""])
