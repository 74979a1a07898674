"""Free pieces by warehouse and SKU, kept in a row for each SKU: that is how plans look at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

Key = tuple[str, str]
"""(warehouse, sku)."""

Row = Mapping[str, int]
"""warehouse -> free pieces of one SKU; negative counts as 0."""


class FreePieces(Mapping[Key, int]):
    """(warehouse, sku) -> free pieces. `rows`: the same as SKU -> warehouse -> pieces; a row is never changed."""

    __slots__ = ("rows",)

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.rows = rows

    @classmethod
    def of(cls, by_key: Mapping[Key, int]) -> FreePieces:
        """The same pieces, whatever mapping they come in."""
        if isinstance(by_key, FreePieces):
            return by_key
        rows: dict[str, dict[str, int]] = defaultdict(dict)
        for (place, sku), pieces in by_key.items():
            rows[sku][place] = pieces
        return cls(dict(rows))

    def __getitem__(self, key: Key) -> int:
        place, sku = key
        return self.rows[sku][place]

    def __iter__(self) -> Iterator[Key]:
        return ((place, sku) for sku, row in self.rows.items() for place in row)

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))

    def __repr__(self) -> str:
        return f"FreePieces({self.rows!r})"

    def triples(self) -> list[tuple[str, str, int]]:
        """(warehouse, sku, pieces), sorted."""
        return sorted([(place, sku, pieces) for sku, row in self.rows.items() for place, pieces in row.items()])

    def only(self, skus: Iterable[str]) -> FreePieces:
        """What lies of these SKUs."""
        return FreePieces({sku: self.rows[sku] for sku in skus if sku in self.rows})

    def at(self, places: Set[str]) -> FreePieces:
        """What lies in these places."""
        if all(places >= row.keys() for row in self.rows.values()):
            return self
        return FreePieces({sku: {at: row[at] for at in row if at in places} for sku, row in self.rows.items()})


def lower_row(rows: dict[str, Row], sku: str, place: str, pieces: int) -> None:
    """Take pieces of a SKU out of a place; what was given to others as a row stays as it was."""
    row = rows[sku]
    rows[sku] = {**row, place: row[place] - pieces}
