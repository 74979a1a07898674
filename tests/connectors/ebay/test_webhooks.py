"""Notifications: eBay's published vector, keys that are asked for once an hour, and the proof of the address."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
import responses

from connectors.ebay.client import Seller
from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from connectors.ebay.webhooks import key_of, read
from connectors.kit.hooks.ecdsa import KEPT_S, MOST_UNKNOWN, KeyRing, verify_named
from hub.canonical.errors import AuthFailed, BadInput, BadRecord, ChannelDown
from hub.ports.channel import Connection
from tests.connectors.kit.ebay_vector import KEY, KID, RAW, SIGNATURE
from tests.fakes.clock import FakeClock

HOST = "https://api.ebay.com"
KEYS = f"{HOST}/commerce/notification/v1/public_key"
CONNECTION = Connection(1, "e", "ebay", {"client_id": "me"}, {"client_secret": "s", "refresh_token": "r"})


@pytest.fixture
def ebay() -> Any:
    """eBay, as far as it gives tokens and the key of its vector."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.post(f"{HOST}/identity/v1/oauth2/token", json={"access_token": "t", "expires_in": 7200})
        mocked.get(f"{KEYS}/{KID}", json={"key": KEY, "algorithm": "ECDSA", "digest": "SHA1"})
        yield mocked


def ring() -> KeyRing:
    return KeyRing(partial(key_of, Seller(CONNECTION)))


def asked(mocked: Any) -> list[str]:
    found = (str(call.request.url) for call in mocked.calls)
    return [url.removeprefix(f"{KEYS}/") for url in found if url.startswith(KEYS)]


def header(**changed: str) -> str:
    told = json.loads(base64.b64decode(SIGNATURE)) | changed
    return base64.b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def notify(sandbox: EbaySandbox, body: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    raw = json.dumps(body).encode()
    return {"x-ebay-signature": sandbox.notifications.signature(raw)}, raw


def test_the_published_vector_is_believed_and_names_whom_to_forget(ebay: Any) -> None:
    notice = read({"X-EBAY-SIGNATURE": SIGNATURE}, RAW, ring())
    assert (notice.topic, notice.event_id[:8]) == ("MARKETPLACE_ACCOUNT_DELETION", "49feeaeb")
    assert notice.forget == ("test_user", "ma8vp1jySJC")
    assert (notice.records, notice.refetch, notice.stock_changed) == ((), (), ())


def test_a_key_is_asked_for_once_an_hour(ebay: Any) -> None:
    clock = FakeClock()
    keys = KeyRing(partial(key_of, Seller(CONNECTION)), clock=lambda: clock().timestamp())
    for _ in range(3):
        verify_named(RAW, SIGNATURE, keys)
    assert asked(ebay) == [KID]
    clock.move(seconds=KEPT_S)
    verify_named(RAW, SIGNATURE, keys)
    assert asked(ebay) == [KID, KID]


def test_ids_that_ebay_does_not_know_are_refused_and_cannot_use_up_its_calls(ebay: Any) -> None:
    keys = ring()
    for at in range(MOST_UNKNOWN + 20):
        ebay.get(f"{KEYS}/no-{at}", status=404, json={"errors": []})
        for _ in range(2):
            with pytest.raises(AuthFailed, match="a key that the platform does not know"):
                verify_named(RAW, header(kid=f"no-{at}"), keys)
    assert len(asked(ebay)) == MOST_UNKNOWN


@pytest.mark.parametrize(
    "signature",
    [
        None, "", "e30=", "bm8ganNvbg==", SIGNATURE + "\n", SIGNATURE[:-4], header(kid="../config"), header(alg="none"),
        header(digest="SHA256"), header(signature=""), base64.b64encode(b"[" * 20_000).decode(),
    ],
)  # fmt: skip
def test_what_is_not_signed_as_ebay_signs_is_refused(signature: str | None, ebay: Any) -> None:
    given = {} if signature is None else {"x-ebay-signature": signature}
    with pytest.raises(AuthFailed):
        read(given, RAW, ring())


@responses.activate
def test_while_ebay_gives_no_key_nothing_is_decided() -> None:
    responses.post(f"{HOST}/identity/v1/oauth2/token", json={"access_token": "t", "expires_in": 7200})
    responses.get(f"{KEYS}/{KID}", status=500, json={})
    with pytest.raises(ChannelDown):
        verify_named(RAW, SIGNATURE, ring())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"metadata": []}, "metadata"),
        ({"notification": None}, "notification"),
        ({"notification": {"notificationId": "1", "eventDate": "2026-11-23T08:00:00Z"}}, "data"),
        ({"notification": {"eventDate": "2026-11-23T08:00:00Z", "data": {}}}, "notification.notificationId"),
        ({"notification": {"notificationId": "1", "eventDate": "soon", "data": {}}}, "notification.eventDate"),
        (
            {"notification": {"notificationId": "1", "eventDate": "2026-11-23T08:00:00Z", "data": {"orderId": 0}}},
            "notification.data.orderId",
        ),
    ],
)
def test_a_notification_that_cannot_be_read_names_the_field(
    changed: dict[str, Any], field: str, sandbox: EbaySandbox, channel: Ebay
) -> None:
    body = {"metadata": {"topic": "ORDER_CONFIRMATION"}, "notification": {}} | changed
    with pytest.raises(BadRecord) as caught:
        channel.read_webhook(*notify(sandbox, body))
    assert caught.value.field == field


def test_the_address_is_proven_by_a_digest_of_code_token_and_address(sandbox: EbaySandbox) -> None:
    token = "a-token_of-32-to-80-letters-and-digits"
    secrets = {**sandbox.secrets, "verification_token": token}
    channel = Ebay(Connection(1, "eb", "ebay", sandbox.settings, secrets))
    told = channel.prove_address({"challenge_code": "a8628072"}, "https://hub.example/webhooks/eb")
    # printf %s 'a8628072a-token_of-32-to-80-letters-and-digitshttps://hub.example/webhooks/eb' | sha256sum
    assert json.loads(told) == {"challengeResponse": "1a08566a0d93ccfe2601a4d28989978aea52161c2f3fdba742553d1d8c154974"}
    with pytest.raises(BadInput, match="challenge_code"):
        channel.prove_address({}, "https://hub.example/webhooks/eb")
