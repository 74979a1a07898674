"""Alibaba's router: what each call says, how an answer is wrapped, how lists are, and how long a ban lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses

from connectors.kit.settings import gateway_url
from connectors.kit.top.forms import REFRESH_TOKEN
from connectors.kit.top.router import RouterGateway, envelope, paging, rows, stamp
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Misconfigured,
    Rejected,
    StocklineError,
    Throttled,
)
from hub.ports.channel import Connection, ConnectorSpec, Field

URL = "https://p.example/router/rest"


class Fish(RouterGateway):
    """A shop of another platform behind the same router."""

    spec = ConnectorSpec(
        "fish", "Fish", frozenset(), (Field("app_key", "Key"), gateway_url("https://p.example")),
        (Field("app_secret", "Secret"), Field("session_key", "Session"), REFRESH_TOKEN), calls_per_second=100.0,
    )  # fmt: skip


def fish() -> Fish:
    secrets = {"app_secret": "s3cret", "session_key": "the-first", "refresh_token": "the-refresh"}
    return Fish(Connection(1, "f", "fish", {"app_key": "7"}, secrets), lambda: datetime(2026, 11, 23, 20, tzinfo=UTC))


@responses.activate
def test_a_call_says_which_protocol_it_speaks_and_the_time_of_beijing() -> None:
    responses.post(URL, json={"alibaba_idle_get_response": {"id": 1}})
    assert fish().read("alibaba.idle.get", {}) == {"id": 1}
    form = dict(parse_qsl(str(responses.calls[0].request.body)))
    told = {name: form[name] for name in ("v", "format", "sign_method", "timestamp", "app_key", "session")}
    assert told == {
        "v": "2.0", "format": "json", "sign_method": "hmac", "timestamp": "2026-11-24 04:00:00", "app_key": "7",
        "session": "the-first",
    }  # fmt: skip


@responses.activate
def test_new_tokens_come_as_text_inside_the_answer() -> None:
    responses.post(URL, json={"error_response": {"code": 27, "msg": "over"}})
    renewed = '{"access_token": "the-second", "refresh_token": "the-next"}'
    responses.post(URL, json={"top_auth_token_refresh_response": {"token_result": renewed}})
    responses.post(URL, json={"alibaba_idle_get_response": {}})
    fish().read("alibaba.idle.get", {})
    assert dict(parse_qsl(str(responses.calls[2].request.body)))["session"] == "the-second"


@pytest.mark.parametrize("token", ["[]", "", None])
@responses.activate
def test_a_renewal_without_an_object_in_it_gives_no_token(token: str | None) -> None:
    responses.post(URL, json={"error_response": {"code": 27, "msg": "over"}})
    responses.post(URL, json={"top_auth_token_refresh_response": {"token_result": token}})
    with pytest.raises(AuthFailed, match="the platform renewed no token"):
        fish().read("alibaba.idle.get", {})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 7, "sub_msg": "This ban will last for 35 more seconds"}, Throttled),
        ({"code": 15, "sub_code": "isp.call-limited"}, ChannelDown),
        ({"code": 30}, Misconfigured),
        ({"code": 29}, AuthFailed),
        ({"code": 15, "sub_code": "isv.item-not-exist"}, Rejected),
    ],
)
@responses.activate
def test_the_platforms_codes_become_errors(error: dict[str, Any], kind: type[StocklineError]) -> None:
    responses.post(URL, json={"error_response": error})
    with pytest.raises(kind) as caught:
        fish().read("alibaba.idle.get", {})
    assert getattr(caught.value, "retry_after", None) == (35 if kind is Throttled else None)


def test_a_limit_that_names_no_time_lasts_a_second() -> None:
    limited = fish()._refusal("alibaba.idle.get", 7, "", "7 call limited")
    assert isinstance(limited, Throttled)
    assert limited.retry_after == 1.0


def test_the_answer_of_a_method_stands_below_its_name() -> None:
    assert envelope("taobao.trade.fullinfo.get") == "trade_fullinfo_get_response"
    assert envelope("alibaba.idle.get") == "alibaba_idle_get_response"


def test_a_time_is_beijings() -> None:
    assert stamp(datetime(2026, 11, 23, 20, 0, 5, tzinfo=UTC)) == "2026-11-24 04:00:05"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"trades": {"trade": [{"tid": 1}, 5]}}, [{"tid": 1}]),
        ({"trades": [{"tid": 1}]}, [{"tid": 1}]),
        ({"trades": {}}, []),
        ({"trades": {"trade": {"tid": 1}}}, []),
        ({}, []),
        (5, []),
    ],
)
def test_a_list_is_wrapped_or_not(answer: object, found: list[object]) -> None:
    assert rows(answer, "trades") == found


def test_pages_count_from_one_and_an_empty_list_says_nothing() -> None:
    asked = list[dict[str, str]]()

    def ask(page: dict[str, str]) -> object:
        asked.append(page)
        at = int(page["page_no"])
        return {"items": {"item": [{"id": at}]}, "total_results": 2} if at < 3 else {}

    assert [row["id"] for row in paging(1).every(ask, "items")] == [1, 2]
    assert asked == [{"page_size": "1", "page_no": "1"}, {"page_size": "1", "page_no": "2"}]
    assert paging(1).page(lambda page: {}, "items") == ([], 0)
