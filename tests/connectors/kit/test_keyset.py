"""An application's keys and a seller: one API for each of the two, and which scopes the seller consented to."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from requests.auth import AuthBase

from connectors.kit.auth.keyset import Keyset
from hub.canonical.errors import Misconfigured, Rejected
from hub.ports.channel import Connection, ConnectorSpec, Field, Finding

URL = "https://api.example"
API_URL = Field("api_url", "API address", "", required=False, default=URL)
SPEC = ConnectorSpec(
    "t", "T", frozenset(), (Field("client_id", "App ID", "Of your keyset"), API_URL),
    (Field("client_secret", "Secret", "Of the same"), Field("refresh_token", "Token", "Of the seller")),
    calls_per_second=1000.0,
)  # fmt: skip
KEYS = {"client_secret": "hush", "refresh_token": " refresh-me "}


class Stamped(AuthBase):
    """Marks a request beside what marked it before."""

    def __init__(self, inner: AuthBase) -> None:
        self.inner = inner

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request = self.inner(request)
        request.headers["X-Stamp"] = "yes"
        return request


class Seller(Keyset):
    spec, token, scope, app_scope = SPEC, "/token", "scope/", "scope"

    def marked(self, auth: AuthBase) -> AuthBase:
        return Stamped(auth)


def seller(secrets: dict[str, str] = KEYS, **settings: str) -> Seller:
    return Seller(Connection(1, "s", "t", {"client_id": "me", **settings}, secrets))


def grant(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    """A token that says what it was given for; none for the scope of refunds."""
    form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
    if form.get("scope") == "scope/refund":
        return 400, {}, '{"error": "invalid_scope"}'
    return 200, {}, f'{{"access_token": "{form["grant_type"]} {form.get("scope", "")}", "expires_in": 60}}'


@pytest.fixture
def platform() -> Iterator[Any]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        mocked.add_callback("POST", f"{URL}/token", grant)
        mocked.get(f"{URL}/things", json={})
        yield mocked


def test_the_seller_and_the_application_have_tokens_of_their_own(platform: Any) -> None:
    ours = seller()
    ours.call("GET", "/things")
    ours.app.call("GET", "/things")
    asked = [call.request for call in platform.calls]
    basic = f"Basic {base64.b64encode(b'me:hush').decode()}"
    assert [str(asked[at].headers["Authorization"]) for at in (0, 1, 2, 3)] == [
        basic, "Bearer refresh_token ", basic, "Bearer client_credentials scope",
    ]  # fmt: skip
    assert parse_qs(asked[0].body)["refresh_token"] == ["refresh-me"]
    assert [request.headers.get("X-Stamp") for request in asked] == [None, "yes", None, None]


def test_a_scope_without_consent_is_named_with_all_that_are_needed(platform: Any) -> None:
    mend = "the seller has not consented to it: make a new refresh token for orders, refund"
    assert list(seller().consented(("orders", "refund"))) == [
        Finding("scope orders", True), Finding("scope refund", False, mend),
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ["client_secret", "refresh_token"])
def test_a_key_that_is_missing_is_named_in_the_passports_words(missing: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{missing} must be set: Of "):
        seller({**KEYS, missing: " "})


def test_another_address_is_held_to_the_same_rules_and_no_secret_is_told(platform: Any) -> None:
    with pytest.raises(Misconfigured, match=r"^api_url = "):
        seller(api_url="http://api.example")
    platform.get(f"{URL}/odd", status=400, json={"message": "no hush, refresh-me"})
    with pytest.raises(Rejected, match=r"no \*\*\*, \*\*\*"):
        seller().call("GET", "/odd")
