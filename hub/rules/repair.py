"""Which numbers a balance should have where balance, ledger and promises disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Numbers = Mapping[str, int]
"""State (on_hand, reserved, damaged, quality_hold, safety, incoming, in_transit) -> pieces."""


@dataclass(frozen=True, slots=True)
class Mend:
    """`numbers`: what the balance should say, None where a person must decide; `why`: what was believed, or the need.

    trusted: "ledger" or "balance", whose word on what lies there was taken; "" where neither can be true.
    """

    numbers: dict[str, int] | None
    trusted: str
    why: str


def mend_balance(balance: Numbers, ledger: Numbers, promised: int, under_way: int, expected: int) -> Mend:
    """Decide what a balance should say.

    Args:    balance, ledger: all states, as they stand in the row and as the sum of its ledger.
             promised:  pieces that pick lists and transfers still have to take; they say what is reserved.
             under_way: pieces that transfers still have to bring; they say what is in transit.
             expected:  pieces that suppliers still have to bring; they say what is incoming.
    Returns: the ledger's word on everything else, because it is only ever added to; where that cannot be true (promises
             would pass what lies there), the balance's word; where neither can be, nothing: somebody must count.
    """
    claims = {"reserved": promised, "in_transit": under_way, "incoming": expected}
    for name, numbers in (("ledger", ledger), ("balance", balance)):
        wanted = dict(numbers) | claims
        if _can_be(wanted):
            return Mend(wanted, name, f"what lies there is taken from the {name}")
    lies = max(balance["on_hand"], ledger["on_hand"])
    return Mend(None, "", f"{promised} pieces are promised, and at most {lies} lie there (damaged and held ones too): "
                "count the shelf, then move or cancel orders")  # fmt: skip


def _can_be(numbers: Numbers) -> bool:
    bound = numbers["reserved"] + numbers["damaged"] + numbers["quality_hold"]
    return min(numbers.values()) >= 0 and bound <= numbers["on_hand"]
