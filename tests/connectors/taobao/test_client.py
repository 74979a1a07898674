"""Signed forms, a session that renews itself, and the platform's codes as our errors."""

from __future__ import annotations

import traceback
from urllib.parse import parse_qsl

import pytest
import responses

from connectors.kit.auth.signing import sign_top
from connectors.kit.wire.gateway import NotGranted
from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Misconfigured,
    NeedsPerson,
    Rejected,
    StocklineError,
    Throttled,
)
from hub.ports.channel import Connection
from tests.connectors.contract import SHOPPER
from tests.connectors.taobao.conftest import connect, forms

URL = "https://eco.taobao.com/router/rest"
SECRETS = {"app_secret": "the-secret", "session_key": "the-session"}


def remote(**settings: str) -> Taobao:
    return Taobao(Connection(1, "t", "taobao", {"app_key": "1", "nick": "shop", **settings}, SECRETS))


@responses.activate
def test_a_call_is_a_signed_form_with_the_time_of_beijing() -> None:
    responses.post(URL, json={"trade_fullinfo_get_response": {"trade": {"tid": 5, "modified": "2026-11-23 08:00:02"}}})
    record = remote().fetch_order("5")
    assert record is not None
    assert (record.ref, str(record.updated_at)) == ("5", "2026-11-23 00:00:02+00:00")
    form = dict(parse_qsl(str(responses.calls[0].request.body)))
    assert form.pop("sign") == sign_top("the-secret", form)
    assert (form["method"], form["session"], form["v"]) == ("taobao.trade.fullinfo.get", "the-session", "2.0")
    assert len(form["timestamp"]) == len("2026-11-23 08:00:00")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 7, "sub_msg": "This ban will last for 35 more seconds"}, Throttled),
        ({"code": 10, "msg": "Service Currently Unavailable"}, ChannelDown),
        ({"code": 15, "sub_code": "isp.top-remote-connection-timeout"}, ChannelDown),
        ({"code": 15, "sub_code": "isv.something"}, Rejected),
        ({"code": 11, "sub_code": "isv.permission-api-package-limit"}, NotGranted),
        ({"code": 53, "msg": "Insufficient security level"}, NotGranted),
        ({"code": 25, "msg": "Invalid signature"}, AuthFailed),
        ({"code": 27, "msg": "Invalid session"}, AuthFailed),
        ({"code": 31, "msg": "Invalid timestamp"}, Misconfigured),
    ],
)
@responses.activate
def test_each_code_becomes_the_error_that_says_what_to_do(error: dict[str, object], kind: type[StocklineError]) -> None:
    responses.post(URL, json={"error_response": error})
    with pytest.raises(kind) as caught:
        remote().fetch_order("5")
    assert isinstance(caught.value, kind)
    if isinstance(caught.value, Throttled):
        assert caught.value.retry_after == 35


@pytest.mark.parametrize("body", [[], {}, {"trade_get_response": {}}, {"trade_fullinfo_get_response": 5}])
@responses.activate
def test_another_answer_than_the_calls_own_is_told(body: object) -> None:
    responses.post(URL, json=body)
    with pytest.raises(ChannelDown, match="sent something else than its answer"):
        remote().fetch_order("5")


@responses.activate
def test_a_trade_that_is_not_there_is_none_and_one_without_id_is_held() -> None:
    responses.post(URL, json={"error_response": {"code": 15, "sub_code": "isv.trade-not-exist"}})
    assert remote().fetch_order("5") is None
    responses.replace("POST", URL, json={"trade_fullinfo_get_response": {"trade": {"status": "x"}}})
    record = remote().fetch_order("5")
    assert record is not None
    assert record.problem is not None
    assert record.problem.field == "tid"


@responses.activate
def test_rows_without_their_number_do_not_pass_for_none() -> None:
    """A window that cannot be counted is tried again; the cursor stays where it was."""
    answer = {"trades": {"trade": [{"tid": 5, "modified": "2026-11-23 08:00:02"}]}}
    responses.post(URL, json={"trades_sold_increment_get_response": answer})
    with pytest.raises(
        ChannelDown, match=r"the shop sent something else than a list of trades with their number \(total_results\)"
    ):
        list(remote().pull_orders(None))
    responses.replace("POST", URL, json={"trades_sold_increment_get_response": {"request_id": "1"}})
    assert [record for page in remote(calls_per_second="1000").pull_orders(None) for record in page.records] == []


def test_a_session_that_is_over_is_renewed_and_the_call_repeated(sandbox: TaobaoSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    channel = connect(sandbox)
    assert channel.fetch_order(ref) is not None
    sandbox.gate.end_session()
    with forms(sandbox) as posted:
        assert channel.fetch_order(ref) is not None
        assert channel.fetch_order(ref) is not None
    assert [form["method"].rpartition("taobao.")[2] for form in posted] == [
        "trade.fullinfo.get", "top.auth.token.refresh", "trade.fullinfo.get", "trade.fullinfo.get",
    ]  # fmt: skip


def test_without_a_refresh_token_a_person_authorizes_again(sandbox: TaobaoSandbox) -> None:
    channel = connect(sandbox, refresh_token="")
    sandbox.gate.end_session()
    with pytest.raises(NeedsPerson, match="authorize the app again, and enter the token it gives"):
        channel.fetch_order("1")


def test_a_refresh_token_that_is_over_needs_a_person_too(sandbox: TaobaoSandbox) -> None:
    channel = connect(sandbox, refresh_token="an-old-one")
    sandbox.gate.end_session()
    with pytest.raises(NeedsPerson) as caught:
        channel.fetch_order("1")
    assert "an-old-one" not in str(caught.value)


def test_the_platforms_words_never_show_a_session_not_even_a_renewed_one(sandbox: TaobaoSandbox) -> None:
    """The platform repeats the session that it refuses."""
    channel = connect(sandbox)
    sandbox.gate.end_session()
    channel.fetch_order("1")
    renewed = sandbox.gate.session
    sandbox.gate.end_session()
    sandbox.gate.refresh_token = "another"
    with pytest.raises(NeedsPerson) as caught:
        channel.fetch_order("1")
    shown = "".join(traceback.format_exception(caught.value))
    assert "SessionKey非法: ***" in shown
    assert renewed not in shown


@pytest.mark.parametrize("name", ["app_key", "nick"])
def test_a_setting_that_is_missing_is_named(name: str, sandbox: TaobaoSandbox) -> None:
    with pytest.raises(Misconfigured, match=f"{name} must be set"):
        connect(sandbox, **{name: " "})
