"""What a connector gives is held to the port's own types: every wrong field is named, and nothing right is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, AnyStr, Literal, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.soundness import kind_of, unsound
from hub.canonical.errors import BadRecord
from hub.canonical.order import Address, FulfilledBy, Order, OrderLine
from hub.canonical.refs import Ref
from hub.canonical.refund import Refund, RefundLine
from hub.ports.channel import (
    Finding,
    ListingOffer,
    Notice,
    Page,
    RawRecord,
    Receipt,
    StockAnswer,
    StockReading,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LINE = OrderLine(channel_ref="1", quantity=Decimal(2))
ORDER = Order(channel="corner", channel_ref="7", lines=(LINE,))
TIME, NUMBER, COUNT = "datetime with a zone", "finite Decimal below 1000000000000", "int below 1000000000000"
TEXT, LONG = "str that is not blank", f"a number below {2**63}"


class Named(msgspec.Struct):
    """Something of a connector's own, in a field that is free."""

    names: list[Any]


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"in": found}
    return found


def wrong(value: Any, **fields: Any) -> Any:
    """`value` with fields that its type does not allow."""
    return msgspec.structs.replace(value, **fields)


@pytest.mark.parametrize(
    ("value", "hint", "words"),
    [
        (Page((RawRecord("7", "{}"),), None), Page, "Page.records[0].raw as str where bytes is wanted"),  # type: ignore[arg-type]
        (
            Page((RawRecord("7", b"", NOW.replace(tzinfo=None)),), None), Page,
            f"Page.records[0].updated_at as datetime without a zone where {TIME} or None is wanted",
        ),
        (RawRecord("7", b"", "now"), RawRecord, f"RawRecord.updated_at as str where {TIME} or None is wanted"),  # type: ignore[arg-type]
        (
            RawRecord("7", b"", kind="parcel"), RawRecord,  # type: ignore[arg-type]
            "RawRecord.kind as 'parcel' where 'order' or 'refund' or 'file' or 'refetch' is wanted",
        ),
        (RawRecord(7, b""), RawRecord, f"RawRecord.ref as int 7 where {TEXT} is wanted"),  # type: ignore[arg-type]
        (RawRecord(" ", b""), RawRecord | None, f"RawRecord.ref as blank str where {TEXT} is wanted"),
        (Page(("x",), None), Page, "Page.records[0] as str where RawRecord is wanted"),  # type: ignore[arg-type]
        (Page(None, None), Page, "Page.records as None where tuple of RawRecord is wanted"),  # type: ignore[arg-type]
        (Page([], None), Page, "Page.records as list where tuple of RawRecord is wanted"),  # type: ignore[arg-type]
        (Page((), 5), Page, "Page.cursor as int 5 where str or None is wanted"),  # type: ignore[arg-type]
        (
            Page((), None, (Receipt("k", {"at": object()}),)), Page,
            "Page.receipts[0].body[at] as object where what JSON can hold is wanted",
        ),
        (ListingOffer(None, None), ListingOffer, f"ListingOffer.listing_ref as None where {TEXT} is wanted"),  # type: ignore[arg-type]
        (ListingOffer("1", 5), ListingOffer, "ListingOffer.sku as int 5 where str or None is wanted"),  # type: ignore[arg-type]
        (
            ListingOffer("1", None, available="many"), ListingOffer,  # type: ignore[arg-type]
            f"ListingOffer.available as str where {COUNT} or None is wanted",
        ),
        (
            ListingOffer("1", None, available=True), ListingOffer,
            f"ListingOffer.available as bool where {COUNT} or None is wanted",
        ),
        (
            ListingOffer("1", None, available=2.5), ListingOffer,  # type: ignore[arg-type]
            f"ListingOffer.available as float where {COUNT} or None is wanted",
        ),
        (
            StockReading("1", 10**30), StockReading,
            f"StockReading.available as int 1.00000e+30 where {COUNT} or None is wanted",
        ),
        (
            ListingOffer("1", None, place={"id": 5}), ListingOffer,  # type: ignore[dict-item]
            "ListingOffer.place[id] as int 5 where str is wanted",
        ),
        (
            ListingOffer("1", None, place={5: "id"}), ListingOffer,  # type: ignore[dict-item]
            "ListingOffer.place[key] as int 5 where str is wanted",
        ),
        (wrong(ORDER, extra={"a": [{1: 2}]}), Order, "Order.extra[a][0][key] as int 1 where str is wanted"),
        (
            wrong(ORDER, extra={"paid": NOW.replace(tzinfo=None)}), Order,
            f"Order.extra[paid] as datetime without a zone where {TIME} is wanted",
        ),
        (wrong(ORDER, status="open"), Order, "Order.status as str where OrderStatus is wanted"),
        (wrong(ORDER, ship_to={"city": "Graz"}), Order, "Order.ship_to as dict where Address or None is wanted"),
        (wrong(ORDER, ship_to=Address(lines=(5,))), Order, "Order.ship_to.lines[0] as int 5 where str is wanted"),  # type: ignore[arg-type]
        (
            wrong(ORDER, lines=(wrong(LINE, quantity=2),)), Order,
            f"Order.lines[0].quantity as int 2 where {NUMBER} is wanted",
        ),
        (wrong(ORDER, total=Decimal("NaN")), Order, f"Order.total as Decimal NaN where {NUMBER} or None is wanted"),
        (
            (StockAnswer("1", True), StockAnswer("2", 1)), tuple[StockAnswer, ...],  # type: ignore[arg-type]
            "StockAnswer[1].ok as int 1 where bool is wanted",
        ),
        (None, tuple[Finding, ...], "None where tuple of Finding is wanted"),
        (Notice("", "orders"), Notice, f"Notice.event_id as blank str where {TEXT} is wanted"),
        (Notice("e", "orders", refetch=(7,)), Notice, f"Notice.refetch[0] as int 7 where {TEXT} is wanted"),  # type: ignore[arg-type]
        ({"stored": True}, NoneType, "dict where None is wanted"),
        (wrong(ORDER, extra={"seq": 2**63}), Order, f"Order.extra[seq] as int 9.22337e+18 where {LONG} is wanted"),
        (wrong(ORDER, extra={"rate": float("nan")}), Order, f"Order.extra[rate] as float where {LONG} is wanted"),
        (
            wrong(ORDER, extra={"made": Named([NOW.replace(tzinfo=None)])}), Order,
            f"Order.extra[made][names][0] as datetime without a zone where {TIME} is wanted",
        ),
        (wrong(ORDER, extra=nested(5000)), Order, "Order nested too deep where Order is wanted"),
        (b"{}", str, "bytes where str is wanted"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(value: Any, hint: Any, words: str) -> None:
    assert unsound(value, hint) == words


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (5, NewType("Count", int)), (2, float), (None, Ref | None), ("x", int | str), ("a", Literal["a", 1]),
        ("", Annotated[str, "said for people"]), (FulfilledBy.CHANNEL, FulfilledBy),
        (BadRecord("a", 1, "b"), BadRecord),
        (NOW.astimezone(timezone(timedelta(hours=8))), datetime), ({"a": (LINE, 10**15, 0.5, None)}, Mapping[str, Any]),
        ({"a": Named(["x"])}, Mapping[str, Any]),
    ],
)  # fmt: skip
def test_other_forms_of_types_are_understood(value: Any, hint: Any) -> None:
    assert unsound(value, hint) == ""


@pytest.mark.parametrize(("value", "hint"), [(True, Literal[1]), (True, float), ([], Literal["a"]), ("5", int)])
def test_what_only_looks_equal_is_not(value: Any, hint: Any) -> None:
    assert unsound(value, hint) != ""


def test_a_type_that_nobody_can_check_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError, match=r"^no check for ~AnyStr$"):
        kind_of(AnyStr)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.text(max_size=5)
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.decimals(-9, 9, places=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    Ref: st.text("ab ", min_size=1, max_size=4).map(lambda text: f"{text}1"),
    str: st.text(max_size=5),
    bytes: st.binary(max_size=5),
    bool: st.booleans(),
    int: st.integers(1 - 10**12, 10**12 - 1),
    Decimal: st.decimals(-(10**11), 10**11, places=2),
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    Any: PLAIN,
    NoneType: st.none(),
    BadRecord: st.builds(BadRecord, st.just("field"), st.integers(), st.just("why")),
}
PORT = (Page, ListingOffer, StockReading, Finding, Order, Refund, RefundLine, StockAnswer, Notice, RawRecord)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Right values of a type of the port."""
    kind, args = get_origin(hint), get_args(hint)
    if hint in LEAVES:
        return LEAVES[hint]
    if kind in (Union, UnionType):
        return st.one_of([values_of(arg) for arg in args])
    if kind is Literal:
        return st.sampled_from(args)
    if kind is tuple:
        return st.lists(values_of(args[0]), max_size=2).map(tuple)
    if kind is Mapping:
        return st.dictionaries(values_of(args[0]), values_of(args[1]), max_size=2)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return st.builds(hint, **{name: values_of(of) for name, of in get_type_hints(hint, include_extras=True).items()})


@given(st.one_of([st.tuples(values_of(kind), st.just(kind)) for kind in PORT]))
def test_every_right_value_of_the_port_is_taken(made: tuple[Any, Any]) -> None:
    assert unsound(*made) == ""


@pytest.mark.parametrize("kind", PORT)
@given(data=st.data())
def test_whichever_field_is_wrong_is_named(kind: Any, data: st.DataObject) -> None:
    made = data.draw(values_of(kind))
    name = data.draw(st.sampled_from(sorted(get_type_hints(kind))))
    change = dataclasses.replace if dataclasses.is_dataclass(kind) else msgspec.structs.replace
    assert unsound(change(made, **{name: object()}), kind).startswith(f"{kind.__name__}.{name} as object where ")
