"""Hypothesis strategies that spoil a payload: dropped keys, swapped types, awful numbers and texts, deep nesting."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Slot = tuple[Any, Any]

AWFUL: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, -(10**18), 1e308, 10**12, 999999999999, -0.0, 1e-7,
    "", " ", "1e400", "NaN", "-Infinity", "0x10", "1_000", "１２", "999999999999.99", "0.000001", "-0", "1e-30",
    "12.3456789", "99999999999999999999999999", "9" * 5000, "x" * 300, "\x00", "a\x00b", "\ud800", "\udfff tail",
    "\u202e", "2026-13-45", "0000-00-00T00:00:00", "gid://", "gid://shopify/Order/x",
    [], {}, [[]], [None], {"a": 1}, {"0": {"id": 1}}, [{"id": 1, "quantity": 1}],
)  # fmt: skip


def slots(value: Any) -> Iterator[Slot]:
    """Every (container, key or index) in a payload."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(pairs):
        yield value, key
        yield from slots(child)


@st.composite
def spoiled(draw: st.DrawFn, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with one to four faults in it."""
    broken = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 4))):
        places = list(slots(broken))
        if not places:
            break
        container, key = places[draw(st.integers(0, len(places) - 1))]
        if draw(st.booleans()) and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(draw(st.sampled_from(AWFUL) | st.text(max_size=20) | st.integers()))
    return broken


@st.composite
def spoiled_bytes(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes cut, overwritten, doubled or written in another encoding."""
    at = draw(st.integers(0, len(raw)))
    kind = draw(st.sampled_from(("cut", "overwrite", "insert", "utf-16", "utf-32", "bom", "latin-1")))
    if kind == "cut":
        return raw[:at]
    if kind in {"overwrite", "insert"}:
        junk = draw(st.binary(min_size=1, max_size=4))
        return raw[:at] + junk + raw[at + (len(junk) if kind == "overwrite" else 0) :]
    if kind == "bom":
        return b"\xef\xbb\xbf" + raw
    return raw.decode().replace("Ring", "Sch\xf6n").encode(kind)
