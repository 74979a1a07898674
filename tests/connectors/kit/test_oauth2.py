"""Access tokens from a refresh token: kept, renewed before they end, and once when they are refused."""

from __future__ import annotations

import pytest
import responses
from requests.auth import HTTPBasicAuth
from requests.exceptions import ReadTimeout
from responses import matchers

from connectors.kit.auth.oauth2 import Grant, Refreshed, refresh_grant
from connectors.kit.wire.http import Api
from hub.canonical.errors import AuthFailed, ChannelDown, Throttled

HOST = "https://login.example"
FORM = {"grant_type": "refresh_token", "refresh_token": "r-secret"}


class Issuer:
    """Gives tokens t1, t2, … that are good for 1000 seconds each; the time is ours."""

    def __init__(self) -> None:
        self.given, self.now = 0, 0.0

    def grant(self) -> Grant:
        self.given += 1
        return f"t{self.given}", 1000.0

    def auth(self) -> Refreshed:
        return Refreshed(self.grant, clock=lambda: self.now)


def told() -> list[str]:
    return [str(call.request.headers["Authorization"]) for call in responses.calls]


@responses.activate
def test_a_token_is_kept_and_renewed_two_minutes_before_it_ends() -> None:
    responses.get(f"{HOST}/x", json={})
    issuer = Issuer()
    api = Api(HOST, auth=issuer.auth())
    for issuer.now in (0.0, 879.0, 880.0):
        api.call("GET", "/x")
    assert told() == ["Bearer t1", "Bearer t1", "Bearer t2"]


@responses.activate
def test_a_refused_token_is_renewed_once_and_the_request_goes_out_again() -> None:
    ours = matchers.header_matcher({"Authorization": "Bearer t2"})
    responses.post(f"{HOST}/x", json={"ok": True}, match=[ours])
    responses.post(f"{HOST}/x", status=401, json={"error": "expired"})
    answer = Api(HOST, auth=Issuer().auth()).call("POST", "/x", json={"a": 1})
    assert answer.data == {"ok": True}
    assert (told(), responses.calls[-1].request.body) == (["Bearer t1", "Bearer t2"], b'{"a":1}')


@responses.activate
def test_a_request_that_is_refused_twice_needs_a_person() -> None:
    responses.get(f"{HOST}/x", status=401, json={"error": "no"})
    with pytest.raises(AuthFailed):
        Api(HOST, auth=Issuer().auth()).call("GET", "/x")
    assert told() == ["Bearer t1", "Bearer t2"]


@responses.activate
def test_a_platform_may_want_the_token_elsewhere_and_refuse_it_with_another_status() -> None:
    ours = matchers.header_matcher({"X-Access": "t2"})
    responses.get(f"{HOST}/x", json={"ok": True}, match=[ours])
    responses.get(f"{HOST}/x", status=403, json={"error": "expired"})
    auth = Refreshed(Issuer().grant, header="X-Access", before="", refused=(401, 403))
    assert Api(HOST, auth=auth).call("GET", "/x").data == {"ok": True}
    assert [call.request.headers["X-Access"] for call in responses.calls] == ["t1", "t2"]
    assert "Authorization" not in responses.calls[0].request.headers


def token(**answer: object) -> Grant:
    responses.post(f"{HOST}/token", **answer)  # type: ignore[arg-type]
    api = Api(HOST, auth=HTTPBasicAuth("id", "s-secret"), secrets=("r-secret", "s-secret"))
    return refresh_grant(api, "/token", FORM)


@responses.activate
def test_a_refresh_token_is_traded_with_the_keys_of_the_application() -> None:
    assert token(json={"access_token": "t", "expires_in": 7200}) == ("t", 7200.0)
    (call,) = responses.calls
    assert call.request.body == "grant_type=refresh_token&refresh_token=r-secret"
    assert call.request.headers["Authorization"] == "Basic aWQ6cy1zZWNyZXQ="


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refresh_token_that_is_refused_needs_a_person_and_is_not_shown(status: int) -> None:
    words = {"error": "invalid_grant", "error_description": "r-secret was revoked"}
    with pytest.raises(AuthFailed) as caught:
        token(status=status, json=words)
    assert str(caught.value) == "the refresh token was not taken: invalid_grant *** was revoked"


@responses.activate
def test_an_answer_without_a_token_and_silence_are_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.kit.wire.http.TRIES", 1)
    with pytest.raises(ChannelDown, match="sent no access token"):
        token(json={"token": "t"})
    responses.reset()
    with pytest.raises(ChannelDown, match="did not answer in time"):
        token(body=ReadTimeout())
    responses.reset()
    with pytest.raises(Throttled):
        token(status=429)
