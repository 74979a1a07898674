"""Codes that a merchant types are held to their form, and a warehouse ships from the source that was named for it."""

from __future__ import annotations

import pytest

from connectors.kit.stock.codes import Sources, code
from hub.canonical.errors import Misconfigured
from hub.canonical.faults import all_faults


def test_a_code_is_the_setting_without_blanks_or_its_default() -> None:
    assert [code({"view": value}, "view", "base") for value in ("de", " de_CH-1 ", "", " ")] == [
        "de", "de_CH-1", "base", "base",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["a/b", "../x", "a b", "ä", "x" * 256])
def test_what_is_no_code_is_refused_by_its_setting(value: str) -> None:
    with pytest.raises(Misconfigured, match="expected a code such as base") as refused:
        code({"view": value}, "view", "base")
    assert str(refused.value).startswith(f"view = {value!r}")


def test_a_warehouse_ships_from_its_source_else_from_the_main_one() -> None:
    sources = Sources.read({"main": "berlin", "more": "MUC=munich\nHAM = hamburg, ROM=munich\n\n"}, "main", "more")
    assert [sources.of(name) for name in ("MUC", "HAM", "ROM", "BER")] == ["munich", "hamburg", "munich", "berlin"]
    assert sources.all == ("berlin", "munich", "hamburg")
    assert Sources.read({}, "main", "more") == Sources("default", {})


def test_all_that_is_wrong_with_sources_is_named_at_once() -> None:
    with pytest.raises(Misconfigured) as refused, all_faults():
        Sources.read({"main": "a b", "more": "BER\n=x,MUC=m m"}, "main", "more")
    assert refused.value.faults == (
        "more: 'BER': expected WAREHOUSE=source, such as BER=berlin",
        "more: '=x': expected WAREHOUSE=source, such as BER=berlin",
        "more = 'm m': expected a code such as ",
        "main = 'a b': expected a code such as default",
    )
