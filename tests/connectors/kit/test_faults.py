"""Faults of settings are told one by one where a setting is read, and together where a channel is built."""

from __future__ import annotations

import pytest

from connectors.kit import registry
from connectors.kit.settings import calls_per_second, daily_quota, first_pull
from connectors.medusa.spec import SPEC
from hub.canonical.errors import AuthFailed, BadRecord, Misconfigured
from hub.canonical.faults import all_faults, noted, unfit
from hub.ports.channel import Connection

BAD = {"calls_per_second": "abc", "orders_since": "soon", "calls_per_day": "many", "shop_url": "shop.example"}


def test_alone_a_fault_is_raised_at_once() -> None:
    with pytest.raises(Misconfigured, match=r"^calls_per_second = 'abc': ") as refused:
        calls_per_second(BAD, SPEC)
    assert refused.value.faults == (str(refused.value),)


def test_gathered_ones_are_told_once_each_in_their_order_with_the_one_that_ended_it() -> None:
    with pytest.raises(Misconfigured) as refused, all_faults():
        assert (unfit("b", 7), unfit("a", None), unfit("b", 8)) == (7, None, 8)
        with noted():
            raise Misconfigured("c")
        raise Misconfigured("d")
    assert refused.value.faults == ("b", "a", "c", "d")
    assert str(refused.value) == "b; a; c; d"
    with pytest.raises(Misconfigured) as refused, all_faults():
        unfit("a", None)
        raise BadRecord("zone", "x", "no zone")
    assert refused.value.faults == ("a", "zone = 'x': no zone")


def test_nothing_wrong_is_no_error_and_another_error_goes_on() -> None:
    with all_faults():
        assert first_pull({}) is None
    with pytest.raises(AuthFailed, match=r"^no$"), all_faults():
        unfit("a", None)
        raise AuthFailed("no")
    with pytest.raises(Misconfigured, match=r"^calls_per_day = 'many': "):
        daily_quota(BAD)


def test_a_channel_is_built_with_all_its_faults_told() -> None:
    with pytest.raises(Misconfigured) as refused:
        registry.build(Connection(1, "shop", "medusa", BAD, {}))
    assert [sentence.split()[0] for sentence in refused.value.faults] == [
        "calls_per_day", "api_key", "calls_per_second", "shop_url", "orders_since",
    ]  # fmt: skip
