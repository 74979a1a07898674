"""Whatever bytes come: orders or a BadRecord, and never a lost file."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.x12.acknowledge import write_997
from connectors.x12.intake import take_in
from connectors.x12.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order_json import order_from_dict
from tests.connectors.x12.papers import group, interchange, one_order, plain, transaction

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GOOD = plain(interchange(group(transaction("0001"), transaction("0002", "BEG*05*SA*4712**20261121"))))
ROWS = [row.encode() for row in one_order()]
SPLINTERS = [b"\n", b"*", b"~", b"PO1*", b"ISA*"]
PIECES = st.one_of(st.sampled_from([row + b"~" for row in ROWS]), st.binary(max_size=12), st.sampled_from(SPLINTERS))
TAGS = ["PO1", "N1", "DTM", "SAC", "ITA", "TXI", "AMT", "CUR", "PID", "SDQ", "SLN", "PER", "N4", "REF", "TD5"]


def judge(raw: bytes) -> None:
    try:
        orders = read_orders(raw, {})
    except BadRecord as bad:
        assert bad.field
        assert bad.why
        orders = ()
    for order in orders:
        assert order_from_dict(order.to_dict()) == order
    intake = take_in(raw, {}, NOW)
    assert intake.records
    for record in intake.records:
        if record.problem is None and record.kind == "order":
            assert [order.channel_ref for order in read_orders(record.raw, {})] == [record.ref]
    for receipt in intake.receipts:
        assert write_997(receipt)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    judge(raw)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 40))
def test_a_good_file_with_a_hole_or_a_splinter(at: int, splinter: bytes, hole: int) -> None:
    judge(GOOD[:at] + splinter + GOOD[at + hole :])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_segments_in_any_order(pieces: list[bytes]) -> None:
    judge(ROWS[0] + b"~" + b"".join(pieces))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TAGS),
            st.lists(st.text(st.characters(codec="utf-8", exclude_characters="*~>"), max_size=9), max_size=10),
        ),
        max_size=8,
    )
)
def test_any_values_in_known_segments(segments: list[tuple[str, list[str]]]) -> None:
    body = ["*".join([tag, *values]) for tag, values in segments]
    judge(plain(one_order(body=("PO1*1*6*EA*12.50*PE*VN*A-1", *body))))
