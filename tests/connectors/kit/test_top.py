"""Platforms that speak as TOP does: signed forms, answers in an envelope, tokens that renew each other."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
import responses

from connectors.kit.auth.signing import sign_top
from connectors.kit.settings import gateway_url
from connectors.kit.top.forms import TopGateway
from connectors.kit.values import Row
from connectors.kit.wire.gateway import StaleToken
from hub.canonical.errors import AuthFailed, ChannelDown, Rejected, TimedOut
from hub.ports.channel import Connection, ConnectorSpec, Field

URL = "https://p.example/router"
GIVEN = {"secret": "the-secret", "session": "the-first", "refresh_token": "the-refresh"}


class Platform(TopGateway):
    """A platform with a call `p.read`; code 27 says that the token is over."""

    spec = ConnectorSpec(
        name="p",
        title="P",
        can=frozenset(),
        settings=(Field("key", "Key"), gateway_url("https://p.example")),
        secrets=(Field("secret", "Secret"), Field("session", "Session"), Field("refresh_token", "", required=False)),
        calls_per_second=100.0,
    )
    codes = ((StaleToken, {27}),)
    path, renewal = "/router", "p.renew"
    app_name, secret_names = "key", ("secret", "session")
    token_name, code_name, said_names = "session", "code", ("code", "msg")

    def _form(self) -> Row:
        return {"time": f"{self.now():%H:%M}"}

    def _envelope(self, method: str, answer: Row) -> object:
        return answer.get(f"{method}_response")


def platform(**secrets: str) -> Platform:
    return Platform(
        Connection(1, "p", "p", {"key": "7"}, GIVEN | secrets), lambda: datetime(2026, 11, 23, 8, tzinfo=UTC)
    )


def forms() -> list[dict[str, str]]:
    return [dict(parse_qsl(str(call.request.body))) for call in responses.calls]


def over() -> None:
    responses.post(URL, json={"error_response": {"code": 27, "msg": "the-first is over"}})


@responses.activate
def test_a_call_is_one_signed_form_and_gives_what_stands_in_its_envelope() -> None:
    responses.post(URL, json={"p.read_response": {"rows": 1}})
    assert platform().read("p.read", {"id": "5"}) == {"rows": 1}
    (form,) = forms()
    assert form.pop("sign") == sign_top("the-secret", form)
    assert form == {"id": "5", "method": "p.read", "key": "7", "time": "08:00", "session": "the-first"}


@responses.activate
def test_new_tokens_take_the_place_of_those_that_are_over_both_of_them() -> None:
    over()
    responses.post(URL, json={"p.renew_response": {"access_token": "the-second", "refresh_token": "the-next"}})
    responses.post(URL, json={"p.read_response": {}})
    gateway = platform()
    gateway.read("p.read", {})
    renewal, again = forms()[1:]
    assert (renewal["method"], renewal["refresh_token"], "session" in renewal) == ("p.renew", "the-refresh", False)
    assert (again["method"], again["session"]) == ("p.read", "the-second")
    assert str(gateway._refusal("p.read", 1, "", "the-second the-next")) == "p.read: *** ***"


@responses.activate
def test_without_a_refresh_token_a_person_authorizes_again() -> None:
    over()
    with pytest.raises(
        AuthFailed, match="the access token is over: authorize the app again, and enter the token it gives"
    ):
        platform(refresh_token="").read("p.read", {})


@pytest.mark.parametrize("answer", [{"p.renew_response": {}}, {"error_response": {"code": 15, "msg": "no"}}])
@responses.activate
def test_a_renewal_that_gives_no_token_needs_a_person(answer: Row) -> None:
    over()
    responses.post(URL, json=answer)
    with pytest.raises(AuthFailed, match="the platform renewed no token"):
        platform().read("p.read", {})


@pytest.mark.parametrize("body", [[], {}, {"p.other_response": {}}, {"p.read_response": 5}, {"error_response": "no"}])
@responses.activate
def test_another_answer_than_the_calls_own_is_no_answer(body: object) -> None:
    responses.post(URL, json=body)
    with pytest.raises(ChannelDown, match=r"p\.read: the platform sent something else than its answer"):
        platform().read("p.read", {})
    with pytest.raises(TimedOut):
        platform().write("p.read", {})


@responses.activate
def test_a_refusal_is_told_in_the_platforms_words() -> None:
    responses.post(URL, json={"error_response": {"code": 15, "msg": "no item 5"}})
    with pytest.raises(Rejected, match=r"^p\.read: 15 no item 5$"):
        platform().read("p.read", {})
