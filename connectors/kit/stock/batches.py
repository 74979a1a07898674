"""Stock of shops that are told several numbers in one call, and answer each of them in it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.kit.stock.listings import together
from connectors.kit.stock.shown import AbsoluteStock, Shown
from connectors.kit.values import Row, inside
from hub.ports.channel import StockAnswer, StockLine


class StockInBatches(AbsoluteStock):
    """Stock by place: things in one place (a list, a product's variants) are asked for and told together.

    at_once: how many things one call may name.
    error:   a field that an answer has only for a thing that was not taken: words, or an object with `message`, `code`.
    """

    at_once: ClassVar[int] = 100
    error: ClassVar[str] = "error"

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> what the shop shows; each thing is asked for once."""
        found: dict[int, Shown] = {}
        for place, some in together(dict(enumerate(lines)), self.place_of, self.at_once):
            refs = sorted({self.ref_of(line) for line in some.values()} - {""})
            rows = self.asked(place, refs) if refs else {}
            found |= {at: self.level(rows[self.ref_of(line)]) for at, line in some.items() if self.ref_of(line) in rows}
        return found

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call per place; the shop answers each line, so nothing is read back."""
        answers: dict[int, StockAnswer] = {}
        for place, some in together(lines, self.place_of, self.at_once):
            rows = self.told(place, {self.ref_of(line): line.available for line in some.values()})
            answers |= {at: self._answer(line, rows.get(self.ref_of(line))) for at, line in some.items()}
        return answers

    @abstractmethod
    def place_of(self, line: StockLine) -> str:
        """Where a line's thing is asked for and told."""

    @abstractmethod
    def asked(self, place: str, refs: Sequence[str]) -> Mapping[str, Row]:
        """Thing -> what the shop says of it; those that it does not know are missing."""

    @abstractmethod
    def told(self, place: str, numbers: Mapping[str, int]) -> Mapping[str, Row]:
        """Write these. Thing -> what the shop answers of it; those that it does not name are missing."""

    @abstractmethod
    def level(self, row: Row) -> Shown:
        """What a thing shows."""

    def _answer(self, line: StockLine, row: Row | None) -> StockAnswer:
        if row is None:
            return StockAnswer(line.listing_ref, False, "the shop's batch answer does not name it", retry=True)
        if error := row.get(self.error):
            said = str(inside(error, "message") or inside(error, "code") or error)[:300]
            return StockAnswer(line.listing_ref, False, f"the shop refused it: {said}")
        seen = self.level(row).number
        if seen != line.available:
            return StockAnswer(line.listing_ref, False, f"after writing the shop shows {seen}", retry=True, seen=seen)
        return StockAnswer(line.listing_ref, True, seen=seen)
