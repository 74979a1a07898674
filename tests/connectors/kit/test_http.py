"""The HTTP kit: what the wire does becomes one of our errors, and no secret leaves with it."""

from __future__ import annotations

import logging
import socket
import traceback
from contextlib import nullcontext
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.wire.exact_json import dumps_exact, elements, loads_exact
from connectors.kit.wire.http import Api, http_or_https, https_or_loopback
from connectors.kit.wire.limiter import Bucket
from connectors.kit.wire.rate_headers import retry_after
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Misconfigured,
    NotFound,
    Rejected,
    StocklineError,
    Throttled,
    TimedOut,
)
from tests.connectors.kit.wire import SILENCE, reply, wire

CANARY = "canary-7f3a9c-secret"
NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


def api(url: str, naps: list[float] | None = None, **options: object) -> Api:
    options.setdefault("read_timeout", 0.3)
    return Api(url, sleep=(naps if naps is not None else []).append, now=lambda: NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("401 Unauthorized", AuthFailed),
        ("403 Forbidden", AuthFailed),
        ("404 Not Found", NotFound),
        ("410 Gone", NotFound),
        ("408 Request Timeout", Throttled),
        ("425 Too Early", Throttled),
        ("429 Too Many Requests", Throttled),
        ("500 Internal Server Error", ChannelDown),
        ("503 Service Unavailable", ChannelDown),
        ("400 Bad Request", Rejected),
        ("422 Unprocessable", Rejected),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_status_has_one_error_and_keeps_the_platforms_words(
    status: str, error: type[StocklineError], method: str
) -> None:
    with (
        wire(reply(status, b'{"code": "x", "message": "the\\nplatform says no"}')) as server,
        pytest.raises(error) as caught,
    ):
        api(server.url).call(method, "/orders")
    assert type(caught.value) is error
    assert str(caught.value) == f"{method} /orders gave {status[:3]}: the platform says no"


@pytest.mark.parametrize(
    ("_case", "text", "seconds"),
    [
        ("seconds", "7", 7.0),
        ("fraction", "2.5", 2.5),
        ("date", "Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("a date that has passed", "Mon, 23 Nov 2026 07:00:00 GMT", 0.0),
        ("longer than a day", "999999999", 86_400.0),
        ("words", "soon", None),
        ("negative", "-4", None),
        ("nothing", "", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(_case: str, text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize("status", ["429 Slow", "503 Down"])
def test_a_long_retry_after_goes_to_the_caller_at_once(status: str) -> None:
    naps: list[float] = []
    with wire(reply(status, Retry_After="30")) as server, pytest.raises((Throttled, ChannelDown)) as caught:
        api(server.url, naps).call("GET", "/orders")
    assert (caught.value.retry_after, len(server.requests), naps) == (30.0, 1, [])


def test_a_short_retry_after_is_waited_for_here() -> None:
    naps: list[float] = []
    with wire(reply("429 Slow", Retry_After="1"), reply("200 OK", b"[]")) as server:
        assert api(server.url, naps).call("GET", "/orders").data == []
    assert naps == [1.0]


def test_a_safe_call_is_tried_three_times_on_500() -> None:
    naps: list[float] = []
    with wire(reply("500 Oops")) as server, pytest.raises(ChannelDown):
        api(server.url, naps).call("GET", "/orders")
    assert len(server.requests) == 3
    assert len(naps) == 2
    assert max(naps) <= 2.0


def test_a_write_is_tried_once_unless_it_carries_a_key() -> None:
    with wire(reply("500 Oops")) as server:
        with pytest.raises(ChannelDown):
            api(server.url).call("POST", "/orders", json={})
        assert len(server.requests) == 1
        with pytest.raises(ChannelDown):
            api(server.url).call("POST", "/orders", json={}, retry=True)
        assert len(server.requests) == 4


def test_a_channel_that_keeps_silent_is_not_asked_again_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three time limits in a row would hold a worker for a minute; the hub's own retry comes later."""
    monkeypatch.setattr("connectors.kit.wire.http.TRY_FOR_S", 0.1)
    with wire(SILENCE) as server, pytest.raises(ChannelDown, match="did not answer in time"):
        api(server.url).call("GET", "/orders")
    assert len(server.requests) == 1


def test_a_refusal_is_never_repeated() -> None:
    with wire(reply("400 Bad")) as server, pytest.raises(Rejected):
        api(server.url).call("GET", "/orders")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("_case", "sent"),
    [
        ("silence", SILENCE),
        ("closed before the answer", b""),
        ("body shorter than promised", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
        ("half a chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        ("not JSON", reply("200 OK", b"<html>maintenance</html>")),
        ("NaN", reply("200 OK", b'{"a": NaN}')),
        ("broken gzip", reply("200 OK", b"\x1f\x8bnonsense", Content_Encoding="gzip")),
        ("not HTTP", b"SSH-2.0-OpenSSH\r\n"),
    ],
)
@pytest.mark.parametrize(("method", "error"), [("GET", ChannelDown), ("PUT", TimedOut)])
def test_a_missing_or_broken_answer_is_down_for_a_read_and_unknown_for_a_write(
    _case: str, sent: bytes, method: str, error: type[StocklineError]
) -> None:
    with wire(sent) as server, pytest.raises(error):
        api(server.url).call(method, "/orders", retry=False)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_listening_is_down_for_writes_too(method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(ChannelDown, match="cannot be reached"):
        api(f"http://127.0.0.1:{port}").call(method, "/orders")


def test_an_answer_that_drips_is_given_up() -> None:
    drip = reply("200 OK", b'"' + b"x" * 300 + b'"')
    with wire(drip, drip_s=0.01) as server, pytest.raises(ChannelDown, match="broken answer"):
        api(server.url, read_timeout=0.2).call("GET", "/orders", retry=False)


def test_an_answer_over_the_limit_is_refused() -> None:
    with wire(reply("200 OK", b'"' + b"x" * 5000 + b'"')) as server, pytest.raises(ChannelDown, match="broken answer"):
        api(server.url, max_body=1000).call("GET", "/orders", retry=False)


def test_an_empty_answer_has_no_data() -> None:
    with wire(reply("204 No Content")) as server:
        assert api(server.url).call("DELETE", "/x").data is None


def test_a_status_the_caller_accepts_is_an_answer() -> None:
    with wire(reply("404 Not Found", b"<p>no such route</p>")) as server:
        assert api(server.url).call("GET", "/plugin", accept={404}).status == 404


def test_a_redirect_on_the_same_host_is_followed_for_a_read() -> None:
    with wire(reply("301 Moved", Location="/orders/"), reply("200 OK", b"[1]")) as server:
        assert api(server.url).call("GET", "/orders").data == [1]


@pytest.mark.parametrize(
    ("_case", "method", "target"),
    [
        ("another host", "GET", "https://elsewhere.example/orders?token=abc"),
        ("the metadata address", "GET", "http://169.254.169.254/latest"),
        ("a write", "POST", "/orders/"),
    ],
)
def test_other_redirects_are_not_followed(_case: str, method: str, target: str) -> None:
    with wire(reply("302 Found", Location=target)) as server, pytest.raises(Misconfigured, match="redirects to") as e:
        api(server.url).call(method, "/orders")
    assert len(server.requests) == 1
    assert "abc" not in str(e.value)


@pytest.mark.parametrize("target", ["http://[bad", "https://[::1/x", "//[", "https://[not-an-address]/"])
@pytest.mark.parametrize(("method", "error"), [("GET", ChannelDown), ("POST", TimedOut)])
def test_a_redirect_to_what_is_no_address_is_a_broken_answer(
    method: str, error: type[StocklineError], target: str
) -> None:
    with wire(reply("302 Found", Location=target)) as server, pytest.raises(error) as told:
        api(server.url, headers={"Authorization": "Bearer secret-token"}).call(method, "/x", retry=False)
    assert str(told.value) == f"{server.url} sent a broken answer ({method} /x): LocationParseError"


def test_a_redirect_to_a_port_that_cannot_be_is_one_to_elsewhere() -> None:
    with wire(reply("302 Found", Location="https://shop.example:abc/")) as server, pytest.raises(Misconfigured) as told:
        api(server.url, headers={"Authorization": "Bearer secret-token"}).call("GET", "/x")
    assert str(told.value).endswith("redirects to https://shop.example:abc; enter the address it redirects to")


def test_redirects_in_circles_stop() -> None:
    with wire(reply("302 Found", Location="/orders")) as server, pytest.raises(Misconfigured, match="in circles"):
        api(server.url).call("GET", "/orders")
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example", "ftp://shop.example", "shop.example", "", "https://", "http://127.0.0.1.evil.example",
        "http://2130706433/", "http://0x7f.1/", "https://user:pw@shop.example", "http://[::ffff:169.254.169.254]/",
        "http://169.254.169.254", "file:///etc/passwd", "http://127.0.0.1@evil.example", "https://shop example",
        "https://shop.example:99999", "https://shop.example:0", "https://shop_example:abc", "https://[shop", "https://a..b",
        "https://shop.example/x y", "https://shop\t.example", "https://shop.example/?x=1", "https://shop.example/#x",
        "https://user:pw/x@shop.example", "https://user:1/pw@shop.example",
        "https://us\n/pw@shop.example", "https://shop,example", "https://@shop.example",
    ],
)  # fmt: skip
def test_addresses_that_are_neither_https_nor_this_machine_are_refused(address: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Api(address, setting="shop_url")
    assert str(caught.value).startswith("shop_url = '") and "pw" not in str(caught.value)
    with pytest.raises(Misconfigured) if not address.startswith("http://") or "@" in address else nullcontext():
        http_or_https(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example/x",
        "http://127.0.0.1:80",
        "http://localhost",
        "http://[::1]:1",
        "https://müller.example:8443",
    ],
)
def test_https_and_this_machine_are_allowed(address: str) -> None:
    https_or_loopback(address)


@pytest.mark.parametrize(
    "sent",
    [
        reply("401 No", f'{{"message": "bad key {CANARY}"}}'.encode()),
        reply("400 No", f"<b>{CANARY}</b>".encode()),
        reply("302 Found", Location=f"https://other.example/?k={CANARY}"),
        reply("500 No", CANARY.encode()),
        SILENCE,
        b"",
    ],
)
def test_no_secret_is_in_a_message_a_repr_a_traceback_or_a_log(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with wire(sent) as server:
        talk = api(server.url, headers={"Authorization": f"Bearer {CANARY}"})
        with pytest.raises(StocklineError) as caught:
            talk.call("GET", "/orders", headers={"X-Other": CANARY}, retry=False)
    shown = "".join(traceback.format_exception(caught.value)) + repr(talk) + repr(caught.value) + caplog.text
    assert CANARY not in shown
    assert caught.value.__cause__ is None


def test_numbers_stay_exact_both_ways() -> None:
    with wire(reply("200 OK", b'{"id": 820982911946154501, "price": 19.90, "big": 1E+2}')) as server:
        answer = api(server.url).call("POST", "/x", json={"price": Decimal("0.10"), "who": "é"})
    assert answer.data == {"id": 820982911946154501, "price": Decimal("19.90"), "big": Decimal("1E+2")}
    assert server.requests[0].endswith('{"price":0.10,"who":"é"}'.encode())


def test_the_limiter_is_asked_and_told() -> None:
    now = [0.0]
    bucket = Bucket(1.0, 5.0, patience=100, clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    with wire(reply("429 Slow", Retry_After="30"), reply("200 OK", b"1")) as server:
        talk = api(server.url, limiter=bucket)
        with pytest.raises(Throttled):
            talk.call("GET", "/x")
        talk.call("GET", "/x")
    assert now[0] == 30.0


def test_an_answer_that_says_it_was_the_last_holds_the_next_call_without_a_429() -> None:
    now = [0.0]
    bucket = Bucket(1.0, 5.0, patience=100, clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s))
    last = reply("200 OK", b"1", RateLimit_Remaining="0", RateLimit_Reset="25")
    with wire(last, reply("200 OK", b"2", RateLimit_Remaining="7", RateLimit_Reset="25")) as server:
        talk = api(server.url, limiter=bucket)
        assert [talk.call("GET", "/x").data, now[0]] == [1, 0.0]
        assert [talk.call("GET", "/x").data, now[0]] == [2, 25.0]


def test_a_deep_answer_is_broken_not_a_crash() -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        loads_exact("[" * 100_000)


@pytest.mark.parametrize("text", ["1" * 65, "0." + "1" * 70, "NaN", "-Infinity", "[1", "", "{'a': 1}"])
def test_what_is_not_exact_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        loads_exact(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_exact_json_reads_back_what_it_wrote(value: object) -> None:
    assert loads_exact(dumps_exact(value)) == value


@settings(deadline=None)
@given(st.lists(JSON, max_size=5))
def test_the_elements_of_an_array_are_its_own_bytes(values: list[object]) -> None:
    raw = b" [ " + b" , ".join(dumps_exact(value) for value in values) + b" ] "
    assert elements(raw) == tuple(dumps_exact(value) for value in values)


@pytest.mark.parametrize("raw", [b'{"data": []}', b"[1", b"[1 2]", b"[1,", b"nonsense", b""])
def test_elements_of_something_else_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        elements(raw)
