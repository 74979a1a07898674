"""Stock of channels without compare-and-set: the number shown is read before one is written, and read back after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from hub.canonical.told import told
from hub.ports.channel import StockAnswer, StockLine, StockReading


@dataclass(frozen=True, slots=True)
class Shown:
    """What a channel shows: None where it keeps no number there. `refused`: why no number can be written."""

    number: int | None
    refused: str = ""


class AbsoluteStock(ABC):
    """Pushes and reads numbers; a connector says how its channel is asked (`shown`) and told (`write`).

    unmoved: what to mend where a number that was written is not shown.
    by_sku:  of channels that know a listing by its SKU: what a line's place calls it; "" where its id is known.
    """

    unmoved = told("written, but the shop still shows the former number")

    by_sku: ClassVar[str] = ""

    def ref_of(self, line: StockLine) -> str:
        """What the channel knows a line's listing by; "" where the line does not say."""
        return line.place.get(self.by_sku) or line.sku or "" if self.by_sku else line.listing_ref

    @abstractmethod
    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> what the channel shows; a place that is missing has no listing there."""

    @abstractmethod
    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """Write these. Returns answers by place where the channel gave one; the others are read back."""

    def read(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the channel shows, one reading per line."""
        found = self.shown(listings)
        for at, line in enumerate(listings):
            yield StockReading(line.listing_ref, found[at].number if at in found else None)

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """Write absolute numbers; one answer per line, in the same order.

        A line whose number at the channel is neither `last_sent` nor already right is stale and is not written.
        """
        shown = self.shown(lines)
        verdicts = {at: _verdict(line, shown.get(at)) for at, line in enumerate(lines)}
        wanted = {at: lines[at] for at, verdict in verdicts.items() if verdict is None}
        told = self.write(wanted, shown) if wanted else {}
        silent = {at: line for at, line in wanted.items() if at not in told}
        now = dict(zip(silent, self.read(list(silent.values())), strict=True)) if silent else {}
        told = {**told, **{at: self._read_back(silent[at], seen, shown[at]) for at, seen in now.items()}}
        return tuple(verdicts[at] or told[at] for at in range(len(lines)))

    def _read_back(self, line: StockLine, now: StockReading, before: Shown) -> StockAnswer:
        """A number that did not move is not tried again: where it only shows late, it would move twice."""
        seen = now.available
        if seen == line.available:
            return StockAnswer(line.listing_ref, True, seen=seen)
        if seen == before.number:
            return StockAnswer(line.listing_ref, False, self.unmoved, seen=seen)
        why = f"sold meanwhile: the shop shows {seen}"
        return StockAnswer(line.listing_ref, False, why, stale=True, seen=seen)


def _verdict(line: StockLine, shown: Shown | None) -> StockAnswer | None:
    """The answer that needs no writing; None: write."""
    if shown is None:
        return StockAnswer(line.listing_ref, False, told("the shop has no such listing"))
    if shown.refused:
        return StockAnswer(line.listing_ref, False, shown.refused)
    if shown.number == line.available:
        return StockAnswer(line.listing_ref, True, seen=shown.number)
    if None not in (line.last_sent, shown.number) and shown.number != line.last_sent:
        why = f"the shop shows {shown.number}, not the {line.last_sent} written last"
        return StockAnswer(line.listing_ref, False, why, stale=True, seen=shown.number)
    return None
