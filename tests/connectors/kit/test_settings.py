"""Settings that several channels have are refused by their name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.kit.settings import Start, call_gaps, digits, gateway_url, given, pull_start, seconds, shop_zone
from hub.canonical.errors import Misconfigured
from hub.ports.channel import Connection, ConnectorSpec, Field

SPEC = ConnectorSpec("slow", "Slow", frozenset(), call_gaps_s={"LIST": 60.0, "STATUS": 15.0})


def test_gaps_between_calls_are_the_passports_unless_the_merchant_agreed_on_others() -> None:
    assert call_gaps({}, SPEC) == {"LIST": 60.0, "STATUS": 15.0}
    assert call_gaps({"call_gaps": " LIST=900, STATUS = 0"}, SPEC) == {"LIST": 900.0, "STATUS": 0.0}


@pytest.mark.parametrize("text", ["LIST", "LIST=", "LIST=-1", "LIST=1.5", "OTHER=5", "LIST=86401", "LIST=٣"])
def test_a_gap_that_cannot_be_is_refused_with_the_operations_there_are(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        call_gaps({"call_gaps": text}, SPEC)
    assert str(refused.value) == (
        f"call_gaps: {text!r}: expected OPERATION=SECONDS from 0 to 86400; operations: LIST, STATUS"
    )


SHOP = ConnectorSpec(
    "shop",
    "Shop",
    frozenset(),
    (Field("nick", "Nick", "As the platform writes it"), Field("wait_s", "Wait", required=False, default="180")),
    (Field("token", "Token", "Settings > API shows it"), Field("spare", "Spare", required=False)),
    overlap_s=120,
)


def test_settings_and_secrets_come_without_blanks_and_with_the_passports_defaults() -> None:
    connection = Connection(1, "s", "shop", {"nick": " Ada ", "wait_s": " "}, {"token": "t"})
    assert given(connection, SHOP, "token", "nick", "wait_s", "spare") == ("t", "Ada", "180", "")


@pytest.mark.parametrize(
    ("name", "help"), [("nick", "As the platform writes it"), ("token", "Settings > API shows it")]
)
def test_what_must_be_set_is_named_with_where_it_comes_from(name: str, help: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        given(Connection(1, "s", "shop", {"nick": " "}, {}), SHOP, name)
    assert str(refused.value) == f"{name} must be set: {help}"


def test_seconds_are_whole_and_bounded() -> None:
    assert seconds({}, SHOP, "wait_s", 3600) == timedelta(seconds=180)
    assert seconds({"wait_s": " 3600 "}, SHOP, "wait_s", 3600) == timedelta(hours=1)


@pytest.mark.parametrize("text", ["-1", "1.5", "3601", "soon", "٣"])
def test_seconds_that_cannot_be_are_refused_by_name(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        seconds({"wait_s": text}, SHOP, "wait_s", 3600)
    assert str(refused.value) == f"wait_s = {text!r}: expected whole seconds from 0 to 3600"


def test_pulls_start_behind_their_cursor_and_first_where_the_merchant_says_in_the_shops_zone() -> None:
    assert pull_start({}, SHOP) == Start(timedelta(seconds=120), None)
    since = {"orders_since": "2026-11-01"}
    assert pull_start(since, SHOP).first == datetime(2026, 11, 1, tzinfo=UTC)
    assert pull_start(since, SHOP, ZoneInfo("Asia/Shanghai")).first == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_a_gateways_address_is_its_default() -> None:
    field = gateway_url("https://p.example")
    assert (field.name, field.default, field.required) == ("gateway_url", "https://p.example", False)


def test_numbers_of_the_platform_are_digits_and_one_may_be_left_out() -> None:
    spec = ConnectorSpec(
        "shop", "Shop", frozenset(), (Field("app", "App", "Of your app"), Field("shop", "Shop", required=False))
    )

    def of(**settings: str) -> tuple[str, ...]:
        return digits(Connection(1, "s", "shop", settings, {}), spec, "app", "shop", why="expected a number such as 7")

    assert (of(app=" 7000 ", shop="0042"), of(app="7")) == (("7000", "0042"), ("7", ""))
    for wrong in ("abc", "-1", "1.5", "٣"):
        with pytest.raises(Misconfigured) as refused:
            of(app="7", shop=wrong)
        assert str(refused.value) == f"shop = {wrong!r}: expected a number such as 7"
    with pytest.raises(Misconfigured, match="app must be set: Of your app"):
        of()


def test_the_zone_of_the_shop_is_a_name_and_utc_where_none_is_set() -> None:
    assert [str(shop_zone(settings)) for settings in ({}, {"zone": "Europe/Berlin"})] == ["UTC", "Europe/Berlin"]
    for wrong in ("Mars/Base", "+02:00", "../etc"):
        with pytest.raises(Misconfigured) as refused:
            shop_zone({"site_zone": wrong}, "site_zone")
        assert str(refused.value) == f"site_zone = {wrong!r}: expected an IANA name such as Europe/Berlin"
