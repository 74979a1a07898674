"""A word that decides about payment, refund or who ships, and that nobody knows, is named: it is never a guess."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from connectors.kit.registry import reader_of
from hub.canonical.errors import BadRecord
from tests.mappings.payloads import shopify_rest, vendure
from tests.mappings.payloads_ebay import ebay
from tests.mappings.payloads_mirakl import mirakl

Step = str | int


@pytest.mark.parametrize(
    ("channel", "payload", "path", "explain"),
    [
        ("vendure", vendure, ("payments", 0, "state"), "payment_state"),
        ("vendure", vendure, ("payments", 0, "refunds", 0, "state"), "refund_state"),
        ("mirakl", mirakl, ("payment_workflow",), "payment_workflow"),
        ("mirakl", mirakl, ("order_lines", 0, "refunds", 0, "refund_state"), "refund_state"),
        ("ebay", ebay, ("program", "fulfillmentProgram", "fulfilledBy"), "fulfilled_by"),
        ("ebay", ebay, ("paymentSummary", "refunds", 0, "refundStatus"), "refund"),
        ("shopify", shopify_rest, ("refunds", 0, "transactions", 0, "kind"), ""),
        ("shopify", shopify_rest, ("refunds", 0, "transactions", 0, "status"), ""),
    ],
)
def test_an_unknown_word_is_named_with_its_place(
    channel: str, payload: Callable[[], dict[str, Any]], path: tuple[Step, ...], explain: str
) -> None:
    bad = _refused(channel, _changed(payload(), path))
    assert (bad.field, bad.value) == (_written(path), "drone")
    assert bad.why.startswith(f"unknown {explain}: add a row to tables/{explain}.csv" if explain else "expected one of")


def _refused(channel: str, body: dict[str, Any]) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        reader_of(channel)(json.dumps(body).encode(), {})
    return caught.value


def _changed(body: dict[str, Any], path: tuple[Step, ...]) -> dict[str, Any]:
    here: Any = body
    for step, after in pairwise(path):
        if isinstance(here, list):
            here.extend({} for _ in range(int(step) + 1 - len(here)))
        elif not here.get(step):
            here[step] = [] if isinstance(after, int) else {}
        here = here[step]
    here[path[-1]] = "drone"
    return body


def _written(path: tuple[Step, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
