"""850 documents as canonical orders: pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.x12.envelope import Group, Interchange, Transaction, read
from connectors.x12.tree import purchase_order
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import mapping

TITLES = {"810": "invoices", "846": "stock", "855": "answers to orders", "856": "ship notices", "860": "order changes",
          "875": "grocery orders", "940": "warehouse orders", "997": "acknowledgments"}  # fmt: skip


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """All purchase orders (850) of one file, in its order.

    Args:   settings: `item_qualifier`, `currency`, `country` and `zone` may be set.
    Raises: BadRecord: the first thing that is wrong with the file, an envelope or a transaction;
            or the file holds no 850, or other documents beside (acknowledgments may be), and `value` says which.
    """
    orders, kinds = _read(raw, settings)
    if kinds - {"850", "997"} and orders:
        raise BadRecord("ST01", _held(kinds - {"850"}), "expected nothing beside purchase orders (850): split the file")
    return orders


def purchase_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """The same, where whatever else the file holds was answered already."""
    return _read(raw, settings)[0]


def _read(raw: bytes, settings: Mapping[str, str]) -> tuple[tuple[Order, ...], set[str]]:
    """The orders, and the kinds of all documents."""
    orders: list[Order] = []
    kinds: set[str] = set()
    for whole in read(raw):
        if isinstance(whole, BadRecord):
            raise whole
        for fault in whole.faults:
            raise fault.record()
        for group, transaction in _sound(whole):
            kinds.add(transaction.kind)
            if transaction.kind == "850":
                orders.append(to_order(whole, group, transaction, settings))
    if not orders:
        raise BadRecord("ST01", _held(kinds) or "nothing", "expected at least one purchase order (850)")
    return tuple(orders), kinds


def _held(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(f"{kind} ({TITLES[kind]})" if kind in TITLES else kind for kind in kinds))


def holds_only(raw: bytes, kind: str) -> bool:
    """Whether all transactions of a file are of one kind, e.g. "997"."""
    wholes = [whole for whole in read(raw) if not isinstance(whole, BadRecord)]
    kinds = {each.kind for whole in wholes for group in whole.groups for each in group.transactions}
    return kinds == {kind}


def _sound(whole: Interchange) -> Iterator[tuple[Group, Transaction]]:
    """Each transaction with its group. Raises BadRecord at the first that is broken; the finer fault comes first."""
    for group in whole.groups:
        for transaction in group.transactions:
            if transaction.fault is not None:
                raise transaction.fault.record()
        if group.fault is not None:
            raise group.fault.record()
        yield from ((group, transaction) for transaction in group.transactions)


def to_order(whole: Interchange, group: Group, transaction: Transaction, settings: Mapping[str, str]) -> Order:
    """One 850 as a canonical order. Raises BadRecord naming the element, e.g. `PO1[0].PO102`."""
    return mapping("x12", "orders")(purchase_order(transaction.segments, envelope(whole, group)), settings)


def envelope(whole: Interchange, group: Group) -> dict[str, Any]:
    """What the mapping may know about the envelope."""
    header = group.header
    return {"sender": whole.sender(group), "receiver": whole.receiver(group), "usage": whole.header.at(15),
            "sent_on": header.at(4), "sent_time": header.at(5), "version": header.at(8)}  # fmt: skip
