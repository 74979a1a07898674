"""What open platforms share: a token that is renewed once, and refusals that become errors without any secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.gateway import NotGranted, Row, SignedGateway, StaleToken, granted, required
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, StocklineError, Throttled, TimedOut
from hub.ports.channel import Connection, ConnectorSpec, Finding
from hub.ports.clock import utc_now

SPEC = ConnectorSpec(name="p", title="P", can=frozenset())


class Platform(SignedGateway[str]):
    """A platform whose answers a test makes. `asked`: the tokens that calls carried."""

    codes = ((Throttled, {7}), (TimedOut, {10, "isp."}), (Misconfigured, {31}), (AuthFailed, {15, 25}))

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__(Connection(1, "p", "p", {}, {"secret": "the-app-secret"}), SPEC, "https://p.example", utc_now)
        self._answer, self.asked, self._count = answer, list[str](), 0

    def _token(self) -> str:
        return f"token-{self._count}"

    def _renewed(self) -> str:
        self._count += 1
        self._api.hide(self._token())
        return self._token()

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> str:
        self.asked.append(token)
        return self._answer(token)

    def error(self, code: Any, sub: str = "", said: str = "no") -> StocklineError:
        return self._refusal("p.call", code, sub, said)


def test_a_token_that_is_over_is_renewed_once() -> None:
    def answer(token: str) -> str:
        if token == "token-0":  # noqa: S105 - a test's
            raise StaleToken("over")
        return f"by {token}"

    platform = Platform(answer)
    assert (platform.read("p.call", {}), platform.asked) == ("by token-1", ["token-0", "token-1"])


def test_a_renewed_token_that_is_refused_too_needs_a_person() -> None:
    def answer(token: str) -> str:
        raise StaleToken(token)

    platform = Platform(answer)
    with pytest.raises(AuthFailed, match="token-1"):
        platform.write("p.call", {})
    assert len(platform.asked) == 2


def test_silence_is_out_of_reach_on_a_read_and_an_unknown_outcome_on_a_write() -> None:
    def answer(token: str) -> str:
        raise TimedOut("silence", 3.0)

    platform = Platform(answer)
    with pytest.raises(ChannelDown) as read:
        platform.read("p.call", {})
    with pytest.raises(TimedOut):
        platform.write("p.call", {})
    assert read.value.retry_after == 3.0


@pytest.mark.parametrize(
    ("code", "sub", "kind"),
    [(7, "", Throttled), ("7", "", Throttled), (15, "isp.x", TimedOut), (15, "isv.x", AuthFailed), (70, "", Rejected)],
)
def test_the_first_row_with_the_code_or_the_beginning_of_the_sub_code_says_what_it_is(
    code: Any, sub: str, kind: type[StocklineError]
) -> None:
    assert type(Platform(str).error(code, sub)) is kind


def test_a_refusal_tells_no_secret_and_no_renewed_token() -> None:
    platform = Platform(str)
    platform._renewed()
    found = str(platform.error(31, "", "31 token-1 is not of the-app-secret"))
    assert found == ("p.call: 31 *** is not of ***: check this machine's clock, and the app's IP white list (IP白名单)")


def test_a_call_that_is_refused_shows_that_it_was_allowed() -> None:
    said = iter([NotGranted("no package"), Rejected("no order 0")])

    def answer(token: str) -> str:
        raise next(said)

    trials = [(Finding("to read", True), "p.read", {}), (Finding("to write", True), "p.write", {})]
    found = list(granted(Platform(answer), trials))
    assert [(one.what, one.ok) for one in found] == [("to read", False), ("to write", True)]
    assert found[0].mend == (
        "the app may not call p.read: apply for its permission package (权限包), then authorize it again: no package"
    )


def test_credentials_that_are_refused_end_the_trials() -> None:
    def answer(token: str) -> str:
        raise AuthFailed("who are you")

    with pytest.raises(AuthFailed, match="who are you"):
        list(granted(Platform(answer), [(Finding("to read", True), "p.read", {})]))


def test_what_must_be_set_is_named() -> None:
    with pytest.raises(Misconfigured, match="app_key must be set: the open platform shows it"):
        required({"app_key": " "}, "app_key")
