"""The gateway: signature and time, tokens that renew themselves, and the platform's codes as our errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.practice.server import Reply
from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from connectors.pinduoduo.sandbox.errors import PddError
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, Throttled, TimedOut
from hub.ports.clock import utc_now
from tests.connectors.contract import SHOPPER
from tests.connectors.pinduoduo.conftest import Clock, connect
from tests.connectors.pinduoduo.test_stock import lines


def test_a_token_that_is_over_is_renewed_and_the_call_repeated(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    clock.pass_on(seconds=1)
    for _ in range(2):  # the refresh token is a new one each time
        sandbox.expire_token()
        assert [record.ref for page in channel.pull_orders(None) for record in page.records] == [ref]


def test_without_a_refresh_token_a_person_authorizes_again(sandbox: PinduoduoSandbox, clock: Clock) -> None:
    sandbox.expire_token()
    with pytest.raises(AuthFailed, match="the access token is over: authorize the app again, and enter the token it"):
        list(connect(sandbox, clock, refresh_token="").pull_orders(None))


def test_a_refresh_token_that_is_over_needs_a_person(sandbox: PinduoduoSandbox, clock: Clock) -> None:
    sandbox.expire_token()
    with pytest.raises(AuthFailed, match="10019"):
        list(connect(sandbox, clock, refresh_token="old").pull_orders(None))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (70031, Throttled), (52101, Throttled), (52102, ChannelDown), (50001, ChannelDown), (20004, AuthFailed),
        (21001, AuthFailed), (20031, AuthFailed), (10000, Rejected), (99999, Rejected),
    ],
)  # fmt: skip
def test_each_code_has_its_class_and_keeps_the_platforms_words(
    code: int, error: type[Exception], sandbox: PinduoduoSandbox, channel: Pinduoduo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.server, "_answer", lambda request: PddError(code, f"said {sandbox.token}").reply())
    with pytest.raises(error) as caught:
        list(channel.pull_orders(None))
    assert type(caught.value).__mro__.count(error) == 1
    assert str(caught.value).startswith(f"pdd.order.number.list.increment.get: {code} said ***")
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == 10


def test_a_write_that_the_platform_failed_at_has_an_unknown_outcome(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, answer = lines(channel, MUG_RED=7), sandbox.calls.answer

    def failing(name: str, form: Any) -> Any:
        if name == "pdd.goods.quantity.update":
            raise PddError(50000, "系统内部错误")
        return answer(name, form)

    monkeypatch.setattr(sandbox.calls, "answer", failing)
    with pytest.raises(TimedOut):
        channel.push_stock(told)


@pytest.mark.parametrize("body", [[], {}, {"order_sn_increment_get_response": 1}, {"error_response": "no"}])
def test_an_answer_that_is_none_is_the_platforms_fault(
    body: Any, sandbox: PinduoduoSandbox, channel: Pinduoduo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.server.watch = None
    monkeypatch.setattr(sandbox.server, "_answer", lambda request: Reply.json(body))
    with pytest.raises(ChannelDown, match="the platform sent something else than its answer"):
        list(channel.pull_orders(None))


def test_a_call_far_from_the_platforms_time_is_refused(sandbox: PinduoduoSandbox, clock: Clock) -> None:
    channel = connect(sandbox, clock)
    clock.at = utc_now() - timedelta(days=1)
    sandbox.shop.now = utc_now
    with pytest.raises(Rejected, match="timestamp"):
        list(channel.pull_orders(None))


@pytest.mark.parametrize("name", ["client_id", "client_secret", "access_token"])
def test_what_is_not_set_is_named(name: str, sandbox: PinduoduoSandbox, clock: Clock) -> None:
    with pytest.raises(
        Misconfigured, match=f"{name} must be set: (Of your app on the open platform|The platform gives)"
    ):
        connect(sandbox, clock, **{name: " "})
