"""Buffers by rule: pieces that a place keeps back from channels, by the first rule that fits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BufferRule:
    """`units` plus `permille` of what is free (rounded up). None in the other fields fits everything."""

    id: int = 0
    position: int = 0
    connection_id: int | None = None
    warehouse: str | None = None
    tag: str | None = None
    sku: str | None = None
    units: int = 0
    permille: int = 0

    def fits(self, connection_id: int, warehouse: str, sku: str, tags: Collection[str]) -> bool:
        return (
            self.connection_id in (None, connection_id)
            and self.warehouse in (None, warehouse)
            and self.sku in (None, sku)
            and (self.tag is None or self.tag in tags)
        )

    def of(self, free: int) -> int:
        """Pieces kept back of `free` ones, never more than there are."""
        if free <= 0:
            return 0
        return min(free, self.units + -(-free * self.permille // 1000))


NO_BUFFER = BufferRule()


def first_fit(
    rules: Iterable[BufferRule], connection_id: int, warehouse: str, sku: str, tags: Collection[str]
) -> BufferRule:
    """The first of the rules, which come in the order they are asked; one of 0 pieces ends the search as well."""
    return next((rule for rule in rules if rule.fits(connection_id, warehouse, sku, tags)), NO_BUFFER)
