"""Finds the orders in whatever a payload file may be: bare, in an envelope, in a list, several layers down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical.errors import BadRecord
from hub.canonical.order import Order

_DEEPEST = 8

Found = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Having:
    """Whether an object has all the `needed` keys, one of `some` where there are any, and none of `other`."""

    needed: tuple[str, ...]
    some: frozenset[str]
    other: frozenset[str]

    def __call__(self, value: Mapping[str, Any]) -> bool:
        found = value.keys() >= frozenset(self.needed) and self.other.isdisjoint(value)
        return found and (not self.some or not self.some.isdisjoint(value))

    def lacking(self, value: Mapping[str, Any]) -> tuple[str, ...]:
        """The needed keys that are not there."""
        return tuple(name for name in self.needed if name not in value)


def having(*names: str, any_of: Collection[str] = (), none_of: Collection[str] = ()) -> Having:
    """Whether an object has all of these keys, one of `any_of` where some are named, and none of `none_of`."""
    return Having(names, frozenset(any_of), frozenset(none_of))


def either(*rules: Having) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an object meets one of these rules."""
    return lambda value: any(rule(value) for rule in rules)


@dataclass(frozen=True, slots=True)
class Envelope:
    """How one channel wraps its orders.

    is_order: whether an object is an order itself.
    wraps:    keys below which orders may lie, looked at in this order.
    foreign:  kind of other document -> keys that only it has; named in the refusal.
    skips:    whether what is no order is passed over below this object (a catalog of examples), not refused.
    """

    is_order: Callable[[Mapping[str, Any]], bool]
    wraps: tuple[str, ...]
    foreign: Mapping[str, frozenset[str]]
    skips: Callable[[Mapping[str, Any]], bool] = lambda _: False


def map_all(payload: Any, envelope: Envelope, read: Callable[[Mapping[str, Any]], Order]) -> tuple[Order, ...]:
    """Map every order in `payload`; none where it is an empty list of them, such as {"orders": []}.

    Raises: BadRecord: among several orders its field starts with the order's place.
    """
    try:
        if isinstance(payload, Mapping) and envelope.is_order(payload):
            return (read(payload),)
        found = tuple(_find(payload, envelope, "", 0))
        if not found and isinstance(payload, Mapping) and envelope.skips(payload):
            raise refusal(payload, envelope, "(document)")
        return tuple(_mapped(place, order, read, len(found) > 1) for place, order in found)
    except RecursionError:  # shallow enough to be decoded, too deep to be named in a message
        raise BadRecord("(document)", "…", "nested too deeply to be an order") from None


def _mapped(place: str, order: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Order], several: bool) -> Order:
    try:
        return read(order)
    except BadRecord as bad:
        if several:
            raise BadRecord(f"{place}.{bad.field}", bad.value, bad.why) from None
        raise


def _find(value: Any, envelope: Envelope, place: str, depth: int) -> Iterator[Found]:
    if depth > _DEEPEST:
        raise BadRecord(place, "…", "wrapped too deeply to be an order")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find(item, envelope, f"{place}[{index}]", depth + 1)
    elif isinstance(value, Mapping) and envelope.is_order(value):
        yield place, value
    elif isinstance(value, Mapping) and envelope.skips(value):
        yield from _below(value, envelope, place, depth, strict=False)
    elif isinstance(value, Mapping) and not _kind(value, envelope):
        yield from _below(value, envelope, place, depth, strict=True)
    else:
        raise refusal(value, envelope, place or "(document)")


def _below(value: Mapping[str, Any], envelope: Envelope, place: str, depth: int, *, strict: bool) -> Iterator[Found]:
    names = [name for name in envelope.wraps if isinstance(value.get(name), (Mapping, list))]
    names = [name for name in names if name != "edges" or "nodes" not in names]  # a GraphQL list may come as both
    if not names and strict:
        raise _nothing(value, envelope, place)
    for name in names:
        try:
            yield from _find(value[name], envelope, f"{place}.{name}" if place else name, depth + 1)
        except BadRecord:
            if strict:
                raise


def _nothing(value: Mapping[str, Any], envelope: Envelope, place: str) -> BadRecord:
    """The error for an object without anything that may hold an order; one that holds null is called so."""
    empty = next((name for name in envelope.wraps if name in value), None)
    if empty is None or value[empty] is not None:
        return refusal(value, envelope, place or "(document)")
    return BadRecord(f"{place}.{empty}" if place else empty, None, "there is no order here: it is null")


def refusal(value: Any, envelope: Envelope, place: str) -> BadRecord:
    """The error for a document that is no order: says what it looks like."""
    if not isinstance(value, Mapping):
        return BadRecord(place, value, "expected an order (a JSON object)")
    kind = _kind(value, envelope)
    if kind:
        return BadRecord(place, kind, f"this looks like {kind}, not like an order")
    keys = ", ".join(str(key) for key in list(value)[:8]) or "none"
    lacking = _lacking(value, envelope)
    if lacking:
        return BadRecord(place, f"keys: {keys}", f"this is no order: it lacks {lacking}")
    return BadRecord(place, f"keys: {keys}", "this is no order: none of the fields that an order has is there")


def _lacking(value: Mapping[str, Any], envelope: Envelope) -> str:
    """The keys that an object with some of an order's needed keys lacks."""
    rule = envelope.is_order
    lacking = rule.lacking(value) if isinstance(rule, Having) else ()
    return ", ".join(lacking) if isinstance(rule, Having) and len(lacking) < len(rule.needed) else ""


def _kind(value: Mapping[str, Any], envelope: Envelope) -> str:
    return next((kind for kind, keys in envelope.foreign.items() if keys <= value.keys()), "")
