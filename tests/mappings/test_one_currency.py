"""Amounts of an order are of one currency: before conversion where all tell it, else as they are shown."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadRecord
from mappings.engine.one_currency import Amounts

AMOUNTS = Amounts("sum.total", ("sum.*", "lines[].cost", "lines[].taxes[].of"), before=("was", "in"))


def eur(value: str) -> dict[str, str]:
    return {"value": value, "currency": "EUR"}


def usd(value: str, was: str = "") -> dict[str, str]:
    return {"value": value, "currency": "USD", **({"was": was, "in": "EUR"} if was else {})}


def order(total: Any, cost: Any, tax: Any = None) -> dict[str, Any]:
    return {"id": "1", "sum": {"total": total}, "lines": [{"no": 7, "cost": cost, "taxes": [{"of": tax}]}]}


def test_amounts_that_were_not_converted_stay_as_they_are() -> None:
    body = order(eur("3"), eur("2"), eur("1"))
    assert AMOUNTS.original(body) == (body, None)


def test_converted_amounts_are_read_as_they_were_at_any_depth_and_the_total_is_kept_as_shown() -> None:
    found, shown = AMOUNTS.original(
        {**order(usd("4", "3"), usd("3", "2"), usd("1.1", "1")), "fee": {"x": usd("2", "1")}}
    )
    assert found == {**order(eur("3"), eur("2"), eur("1")), "fee": {"x": eur("1")}}
    assert shown == usd("4", "3")


def test_where_only_some_tell_what_they_were_all_are_read_as_shown() -> None:
    body = order(usd("4", "3"), usd("3"), usd("1", "0.9"))
    assert AMOUNTS.original(body) == (body, None)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (order(eur("3"), usd("2")), "lines[0].cost.currency"),
        (order(eur("3"), eur("2"), usd("1")), "lines[0].taxes[0].of.currency"),
        ({**order(eur("3"), eur("2")), "sum": {"total": eur("3"), "post": usd("1")}}, "sum.post.currency"),
    ],
)
def test_an_amount_of_another_currency_is_refused_by_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRecord) as caught:
        AMOUNTS.original(body)
    assert (caught.value.field, caught.value.value, caught.value.why) == (place, "USD", "expected EUR, as in sum.total")


def test_an_amount_of_nothing_or_of_no_currency_and_one_that_is_not_read_may_be_anything() -> None:
    body = {**order(eur("3"), usd("0.00"), {"value": "2"}), "elsewhere": usd("5")}
    assert AMOUNTS.original(body) == (body, None)
    assert AMOUNTS.original({"lines": None, "sum": {}}) == ({"lines": None, "sum": {}}, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"sum": "much"}, "sum"), ({"lines": 5}, "lines"), ({"lines": [{"taxes": [5]}]}, "lines[0].taxes[0]")],
)
def test_what_is_no_object_or_list_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        AMOUNTS.original(body)
    assert caught.value.field == field


def test_a_channel_that_never_converts_is_held_to_one_currency_alone() -> None:
    amounts, body = Amounts("sum.total", ("lines[].cost",)), order(usd("3"), usd("3", "2"))
    assert amounts.original(body) == (body, None)
    with pytest.raises(BadRecord):
        amounts.original(order(usd("3"), eur("3")))
