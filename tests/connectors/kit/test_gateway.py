"""What open platforms share: a token that is renewed once, and refusals that become errors without any secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.kit.auth.oauth2 import Grant
from connectors.kit.settings import gateway_url
from connectors.kit.values import Row
from connectors.kit.wire.gateway import AppCheckup, NotGranted, SignedGateway, StaleToken, Trial
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, StocklineError, Throttled, TimedOut
from hub.ports.channel import Connection, ConnectorSpec, Finding

SPEC = ConnectorSpec("p", "P", frozenset(), (gateway_url("https://p.example"),), calls_per_second=100.0)


class Platform(SignedGateway[str]):
    """A platform whose answers a test makes. `asked`: the tokens that calls carried."""

    spec = SPEC
    life_s = 7200
    codes = ((Throttled, {7}), (TimedOut, {10, "isp."}), (Misconfigured, {31}), (AuthFailed, {15, 25}))

    def __init__(self, answer: Callable[[str], str], **settings: str) -> None:
        super().__init__(Connection(1, "p", "p", settings, {"secret": "the-app-secret"}))
        self._answer, self.asked, self._count = answer, list[str](), 0

    def _new_token(self) -> Grant:
        self._count += 1
        return f"token-{self._count}", self.life_s

    def _ask(self, method: str, params: Row, token: str, retry: bool) -> str:
        self.asked.append(token)
        return self._answer(token)

    def error(self, code: Any, sub: str = "", said: str = "no") -> StocklineError:
        return self._refusal("p.call", code, sub, said)


def test_a_token_is_got_once_and_renewed_once_when_it_is_over() -> None:
    def answer(token: str) -> str:
        if token == "token-1":  # noqa: S105 - a test's
            raise StaleToken("over")
        return f"by {token}"

    platform = Platform(answer)
    assert (platform.read("p.call", {}), platform.asked) == ("by token-2", ["token-1", "token-2"])
    platform.read("p.call", {})
    assert platform.asked[2:] == ["token-2"]


def test_a_renewed_token_that_is_refused_too_needs_a_person() -> None:
    def answer(token: str) -> str:
        raise StaleToken(token)

    platform = Platform(answer)
    with pytest.raises(AuthFailed, match="token-2"):
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


@pytest.mark.parametrize(("life_s", "good_s"), [(7200, 5400), (600, 300)])
def test_a_token_is_renewed_before_it_ends(life_s: int, good_s: int) -> None:
    platform, at = Platform(str), datetime(2026, 11, 23, tzinfo=UTC)
    platform.life_s = life_s
    for passed in (0, good_s, good_s + 1):
        platform.now = lambda passed=passed: at + timedelta(seconds=passed)
        platform.read("p.call", {})
    assert platform.asked == ["token-1", "token-1", "token-2"]


def test_one_thing_is_there_or_not_or_the_platform_says_that_it_is_gone() -> None:
    class Told(Platform):
        def _ask(self, method: str, params: Row, token: str, retry: bool) -> Any:
            if params["id"] == "odd":
                raise Rejected("p.get: no such id")
            if params["id"] == "closed":
                raise Rejected("p.get: the shop is closed")
            return {"order": {"id": "7"} if params["id"] == "7" else None}

    platform = Told(str)
    assert [platform.found("p.get", {"id": ref}, "order") for ref in ("7", "8", "odd", "closed")] == [
        {"id": "7"}, None, None, None,
    ]  # fmt: skip
    assert platform.found("p.get", {"id": "odd"}, "order", gone=("no such",)) is None
    with pytest.raises(Rejected, match="closed"):
        platform.found("p.get", {"id": "closed"}, "order", gone=("no such",))


def test_a_refusal_tells_no_secret_and_no_renewed_token() -> None:
    platform = Platform(str)
    platform.renew()
    found = str(platform.error(31, "", "31 token-1 is not of the-app-secret"))
    assert found == ("p.call: 31 *** is not of ***: check this machine's clock, and the app's IP white list (IP白名单)")


def test_a_list_is_asked_for_with_what_is_asked_beside_the_page() -> None:
    class Told(Platform):
        def _ask(self, method: str, params: Row, token: str, retry: bool) -> str:
            return f"{method} {dict(params)}"

    assert Told(str).asks("p.list", {"kind": "a"})({"page": "2"}) == "p.list {'kind': 'a', 'page': '2'}"
    assert Told(str).asks("p.list")({"page": "2"}) == "p.list {'page': '2'}"


def test_the_platforms_address_may_be_another_one() -> None:
    assert [repr(Platform(str, **given)._api) for given in ({}, {"gateway_url": "https://proxy.example/p"})] == [
        "Api(https://p.example)", "Api(https://proxy.example)",
    ]  # fmt: skip


class Checkup(AppCheckup[Platform]):
    """Looks at two permissions, and at the weather."""

    entrance = Finding("app", True)
    mend = "authorize the app: {error}"

    calls = ((Finding("to read", True), "p.read", {}),)

    def trials(self) -> list[Trial]:
        return [*super().trials(), (Finding("to write", True), "p.write", {})]

    def further(self, callback_url: str | None) -> list[Finding]:
        return [Finding("weather", False, str(callback_url))]


def test_a_call_that_is_refused_shows_that_it_was_allowed() -> None:
    said = iter([NotGranted("no package"), Rejected("no order 0")])

    def answer(token: str) -> str:
        raise next(said)

    found = Checkup(Platform(answer)).run("https://hub.example")
    assert [(one.what, one.ok) for one in found] == [
        ("app", True), ("to read", False), ("to write", True), ("weather", False),
    ]  # fmt: skip
    assert found[1].mend == (
        "the app may not call p.read: apply for its permission package (权限包), then authorize it again: no package"
    )
    assert found[3].mend == "https://hub.example"


@pytest.mark.parametrize("error", [AuthFailed, Misconfigured])
def test_credentials_that_are_refused_are_the_only_finding(error: type[StocklineError]) -> None:
    def answer(token: str) -> str:
        raise error("who are {you}")

    assert Checkup(Platform(answer)).run(None) == (Finding("app", False, "authorize the app: who are {you}"),)
