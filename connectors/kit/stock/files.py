"""Stock that goes to a channel as a file: sent, asked for until it is worked off, and told line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from connectors.kit.stock.shown import AbsoluteStock, Shown
from connectors.kit.values import Row, text_id
from connectors.kit.wire.jobs import wait_for
from hub.ports.channel import StockAnswer, StockLine


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file.

    refused: why a line was refused, by the reference of its listing.
    why:     what is wrong with all lines that are not named; "" where they were taken.  retry: whether those may be
             tried again.
    """

    refused: Mapping[str, str]
    why: str = ""
    retry: bool = True


class FileStock(AbsoluteStock):
    """Stock of a channel that works a file of numbers off later.

    A file calls listings as `ref_of` does. It remembers the file whose end it did not see: that one is asked for before
    another is sent, and until then every line is to be tried again. What the last one refused is told once, to a line
    with that number, without sending it again.

    status:    what a file's state calls its status.  under_way: statuses of files that are not worked off.
    waits_s:   how long it is waited for at once, in seconds; after that the hub comes back to it.
    still:     what is told of a file under way; its {file} is the file's id.
    """

    status: ClassVar[str] = "status"
    under_way: ClassVar[Collection[str]]
    waits_s: ClassVar[Sequence[float]]
    still: ClassVar[str]

    def __init__(self) -> None:
        self._file, self._numbers = "", dict[str, int]()
        self._refused = dict[tuple[str, int], str]()

    @abstractmethod
    def send(self, lines: Mapping[str, StockLine]) -> str:
        """Send one file with the number of each listing, by its reference; the channel's id of the file."""

    @abstractmethod
    def state(self, file: str) -> Row:
        """How far the channel is with a file."""

    @abstractmethod
    def report(self, file: str, state: Row, refs: Sequence[str]) -> Report:
        """What became of a file that is worked off. `refs`: its listings, in the order in which they were sent."""

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """One answer per line, in the same order; while a file is under way, nothing is written."""
        report = self.outcome() if self._file else None
        if self._file:
            return tuple(self.waiting(dict(enumerate(lines))).values())
        if report:
            known = ((key, report.refused.get(key[0])) for key in self._numbers.items())
            self._refused = {key: why for key, why in known if why}
        whys = [self._refused.pop((self.ref_of(line), line.available), "") for line in lines]
        rest = iter(super().push([line for line, why in zip(lines, whys, strict=True) if not why]))
        told = zip(lines, whys, strict=True)
        return tuple(StockAnswer(line.listing_ref, False, why) if why else next(rest) for line, why in told)

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One file with all of these. What it took counts as shown."""
        refused = self.filed(lines)
        rest = {at: line for at, line in lines.items() if at not in refused}
        return refused | {at: StockAnswer(line.listing_ref, True, seen=line.available) for at, line in rest.items()}

    def filed(self, lines: Mapping[int, StockLine]) -> dict[int, StockAnswer]:
        """Send these as one file: place -> answer, for lines that it refused, or all where it is not worked off yet."""
        sent = {self.ref_of(line): line for line in lines.values()}
        self._file, self._numbers = self.send(sent), {ref: line.available for ref, line in sent.items()}
        report = self.outcome()
        answers = {at: _told(line, self.ref_of(line), report) for at, line in lines.items()} if report else {}
        return {at: answer for at, answer in answers.items() if answer} | self.waiting(lines)

    def waiting(self, lines: Mapping[int, StockLine]) -> dict[int, StockAnswer]:
        """The answer to each line while a file is under way; nothing where none is."""
        why = self.still.format(file=self._file)
        return {at: StockAnswer(line.listing_ref, False, why, retry=True) for at, line in lines.items() if self._file}

    def outcome(self) -> Report | None:
        """What became of the file under way, which is then forgotten; None where it is still under way."""
        file = self._file
        found = wait_for(lambda: self.state(file), lambda state: not self._at_work(state), waits_s=self.waits_s)
        if self._at_work(found):
            return None
        report = self.report(file, found, list(self._numbers))
        self._file = ""
        return report

    def _at_work(self, state: Row) -> bool:
        return text_id(state.get(self.status)) in self.under_way


def _told(line: StockLine, ref: str, report: Report) -> StockAnswer | None:
    """Why a file did not take a line; None where it did."""
    why = report.refused.get(ref, "")
    if not why and not report.why:
        return None
    return StockAnswer(line.listing_ref, False, why or report.why, retry=not why and report.retry)
