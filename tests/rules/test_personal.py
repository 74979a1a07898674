"""What stays of an order once its buyer is forgotten: lines, money, times, country and region."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.order_json import order_from_dict
from hub.rules.personal import without_person

SECRET = "Zoë-private"
WORD = st.just(SECRET) | st.none()
PLACE = st.none() | st.fixed_dictionaries(
    {
        "name": WORD, "company": WORD, "lines": st.lists(st.just(SECRET), max_size=2), "district": WORD, "city": WORD,
        "region": st.just("BE"), "postal_code": WORD, "country": st.just("DE"), "phone": WORD,
    }
)  # fmt: skip
ORDERS = st.fixed_dictionaries(
    {
        "channel": st.just("x"), "channel_ref": st.just("1"), "status": st.just("open"),
        "lines": st.just([{"channel_ref": "a", "quantity": "2", "title": "Mug", "sku": "MUG"}]),
        "total": st.just("9.90"), "currency": st.just("EUR"), "fulfilled_by": st.just("merchant"),
        "buyer": st.none() | st.fixed_dictionaries({"channel_ref": WORD, "name": WORD, "email": WORD}),
        "ship_to": PLACE, "bill_to": PLACE, "note": WORD,
        "sub_orders": st.just([]) | st.just([{"recipient": SECRET}]),
        "extra": st.just({"current": {"a": "1"}, "money_back": [{"amount": "1"}], "gift_from": SECRET}) | st.just({}),
    }
)  # fmt: skip


@given(ORDERS)
def test_nothing_of_the_person_is_left_and_the_order_can_still_be_read(document: dict[str, object]) -> None:
    bare = without_person(document)
    assert SECRET not in json.dumps(bare, ensure_ascii=False)
    assert bare.keys() == document.keys()
    assert order_from_dict(bare).buyer is None


@given(ORDERS)
def test_lines_money_places_and_what_the_hub_reads_stay(document: dict[str, object]) -> None:
    before, bare = order_from_dict(document), order_from_dict(without_person(document))
    assert (bare.lines, bare.total, bare.currency, bare.status) == (
        before.lines, before.total, before.currency, before.status,
    )  # fmt: skip
    assert [bare.extra.get(key) for key in ("current", "money_back")] == [
        before.extra.get(key) for key in ("current", "money_back")
    ]
    for place, was in ((bare.ship_to, before.ship_to), (bare.bill_to, before.bill_to)):
        assert (place is None) is (was is None)
        assert place is None or (place.country, place.region) == ("DE", "BE")


@given(ORDERS)
def test_forgetting_twice_changes_nothing_more(document: dict[str, object]) -> None:
    assert without_person(without_person(document)) == without_person(document)
