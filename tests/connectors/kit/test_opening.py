"""A shop's API is opened at the address that was typed, at the merchant's pace, and tells no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from connectors.kit.settings import ALLOW_HTTP
from connectors.kit.wire.http import Bearer
from connectors.kit.wire.opening import own_pace, shop_api
from hub.canonical.errors import Misconfigured, Rejected
from hub.ports.channel import Connection, ConnectorSpec, Field

URL = Field("shop_url", "Shop address")
SPEC = ConnectorSpec("s", "S", frozenset(), settings=(URL,), calls_per_second=3.0)


def connection(url: str, **settings: str) -> Connection:
    return Connection(1, "s", "s", {"shop_url": url, **settings}, {"token": " the-token ", "other": ""})


@pytest.mark.parametrize("typed", ["https://shop.example", " https://shop.example/ ", "https://shop.example/api"])
@responses.activate
def test_the_address_may_be_typed_with_or_without_what_comes_below(typed: str) -> None:
    responses.get("https://shop.example/api/things", json={})
    assert shop_api(connection(typed), SPEC, "/api", auth=Bearer("the-token")).call("GET", "/things").status == 200
    assert responses.calls[0].request.headers["Authorization"] == "Bearer the-token"


@responses.activate
def test_no_secret_of_the_connection_is_in_a_message() -> None:
    responses.get("https://shop.example/things", json={"message": "no the-token"}, status=400)
    with pytest.raises(Rejected, match=r"GET /things gave 400: no \*\*\*"):
        shop_api(connection("https://shop.example"), SPEC).call("GET", "/things")


@pytest.mark.parametrize("url", ["", "shop.example", "http://shop.example"])
def test_an_address_that_cannot_be_is_refused_by_its_setting(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^shop_url = "):
        shop_api(connection(url), SPEC)


def test_the_address_may_stand_in_a_setting_of_another_name() -> None:
    spec = replace(SPEC, settings=(Field("till_address", "Till"),))
    till = Connection(1, "s", "s", {"till_address": "https://till.example"}, {})
    assert repr(shop_api(till, spec, "/api", setting="till_address")) == "Api(https://till.example)"
    with pytest.raises(Misconfigured, match=r"^till_address = "):
        shop_api(replace(till, settings={}), spec, setting="till_address")


@pytest.mark.parametrize(
    ("settings", "declared"),
    [((), "none"), ((Field("till_address", "Till"), ALLOW_HTTP), "till_address, allow_http")],
)
def test_a_passport_without_the_setting_of_the_address_is_told_what_to_do(
    settings: tuple[Field, ...], declared: str
) -> None:
    with pytest.raises(ValueError) as refused:
        shop_api(connection("https://shop.example"), replace(SPEC, settings=settings))
    assert str(refused.value) == (
        f"shop_api reads the shop's address from the setting 'shop_url', and SPEC of s declares {declared}: "
        "declare it, or call shop_api(…, setting=NAME)"
    )


def test_plain_http_goes_where_it_is_allowed() -> None:
    url, spec = "http://shop.internal", replace(SPEC, settings=(URL, ALLOW_HTTP))
    assert repr(shop_api(connection(url, allow_http="yes"), spec)) == "Api(http://shop.internal)"


@pytest.mark.parametrize(("settings", "allow_http"), [((), "yes"), ((ALLOW_HTTP,), "no"), ((ALLOW_HTTP,), "")])
def test_plain_http_is_refused_unless_passport_and_setting_allow_it(
    settings: tuple[Field, ...], allow_http: str
) -> None:
    with pytest.raises(Misconfigured, match="it is not https"):
        shop_api(connection("http://shop.internal", allow_http=allow_http), replace(SPEC, settings=(URL, *settings)))


def test_the_pace_is_the_merchants_else_the_passports() -> None:
    limits = [own_pace(settings, SPEC).limit for settings in ({}, {"calls_per_second": "0.5"})]
    assert [(limit.rate, limit.size) for limit in limits] == [(3.0, 6.0), (0.5, 1.0)]
    with pytest.raises(Misconfigured, match="calls_per_second = 'fast'"):
        own_pace({"calls_per_second": "fast"}, SPEC)
