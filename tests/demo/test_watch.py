"""The live lines of the demo say in words what happened."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Row

from demo.watch import line
from hub.pages.route_words import WHY


def told(event: str, /, **data: Any) -> str:
    return line(cast("Row[Any]", SimpleNamespace(channel="shopify", number="#1001", kind=event, data=data)))


def test_a_routed_order_says_where_it_goes_and_why() -> None:
    words = {"warehouse": "BER", "km": 57, "rival": "HAM", "rival_km": 255}
    takes = [{"warehouse": "BER", "quantity": 2}, {"warehouse": "BER", "quantity": 1}]
    said = told("order_routed", takes=takes, why="nearest_full", words=words)
    assert said.endswith("→ reserved 3 → BER: BER has everything and is nearest: 57 km; HAM is 255 km away.")


@pytest.mark.parametrize("code", sorted(WHY))
def test_no_reason_is_told_as_a_code_word(code: str) -> None:
    said = told("order_routed", takes=[], why=code, words=dict.fromkeys(("warehouse", "rival", *_NAMES), "1"))
    assert "_" not in said


_NAMES = (
    "km", "rival_km", "priority", "rival_priority", "cost", "rival_cost", "warehouses", "parcels", "missing", "wanted",
    "skus", "until",
)  # fmt: skip


def test_an_event_without_words_is_left_out() -> None:
    assert told("order_imported") == ""


def test_a_held_order_says_what_is_missing() -> None:
    said = told("order_held", kind="unknown_sku", value="MUG-NEW")
    assert "_" not in said
    assert said.endswith(" MUG-NEW")
