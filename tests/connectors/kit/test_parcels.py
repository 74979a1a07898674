"""Carriers go by the platform's own list, then by our words for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.parcels import Carriers, known_order, refuse_dead
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch

LISTED = [
    {"id": 7, "code": "SF", "name": "顺丰速运"},
    {"id": 8, "code": "ZTO", "name": "中通快递"},
    {"id": None, "code": "GONE", "name": "没有编号"},
]


def carriers(at: list[float], asked: list[float]) -> Carriers:
    def ask() -> list[Mapping[str, Any]]:
        asked.append(at[0])
        return LISTED

    return Carriers(ask, ("name", "code"), "id", {"sf express": {"code": "sf"}}, clock=lambda: at[0])


def test_a_carrier_goes_by_name_code_or_our_word_however_it_is_written() -> None:
    known = carriers([0.0], [])
    assert [known.find(name) for name in ("顺丰速运", " sf ", "SF Express", "ZTO")] == ["7", "7", "7", "8"]


def test_what_the_platform_does_not_list_is_none() -> None:
    known = carriers([0.0], [])
    assert [known.find(name) for name in ("", "none", "DHL", "GONE")] == [None, None, None, None]


def test_the_list_is_asked_for_once_a_day() -> None:
    at, asked = [0.0], list[float]()
    known = carriers(at, asked)
    for moment in (0.0, 86_399.0, 86_400.0):
        at[0] = moment
        known.find("SF")
    assert asked == [0.0, 86_400.0]


def test_an_order_that_the_shop_does_not_know_is_not_found() -> None:
    orders = {"1": {"id": "1"}}
    assert known_order(orders.get, "1") == {"id": "1"}
    with pytest.raises(NotFound, match="the shop has no order 2, or has forgotten it"):
        known_order(orders.get, "2")


def test_a_dead_order_takes_no_parcel_and_a_living_one_does() -> None:
    parcel = Dispatch("1", "1", "S1", "DHL", "T", datetime(2026, 11, 23, tzinfo=UTC), (), False)
    refuse_dead(parcel, "open", {"cancelled"})
    with pytest.raises(Conflict, match="order 1 is cancelled at the shop; the parcel is not told"):
        refuse_dead(parcel, "cancelled", {"cancelled"})
