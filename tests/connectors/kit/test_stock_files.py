"""Stock by file: one at a time, asked for until it is worked off, each line answered, nothing refused sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from connectors.kit.stock.files import FileStock, Report
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from hub.canonical.errors import ChannelDown
from hub.ports.channel import StockAnswer, StockLine

ALL_TAKEN = Report({})


class Stock(FileStock):
    """A channel that shows what its files brought; `states`: what it says of a file, the last of them for ever."""

    under_way, waits_s, still = frozenset({"RUNNING"}), (0.0,), "still at {file}"

    def __init__(self, *states: str, told: Report = ALL_TAKEN) -> None:
        super().__init__()
        self.sent, self.numbers = list[dict[str, int]](), dict[str, int]()
        self.states, self.told, self.asked = list(states or ("DONE",)), told, list[str]()
        self.error: Exception | None = None

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        return {at: Shown(self.numbers.get(self.ref_of(line), 40)) for at, line in enumerate(lines)}

    def send(self, lines: Mapping[str, StockLine]) -> str:
        self.sent.append({ref: line.available for ref, line in lines.items()})
        return f"f{len(self.sent)}"

    def state(self, file: str) -> Row:
        self.asked.append(file)
        if self.error:
            raise self.error
        return {"status": self.states.pop(0) if len(self.states) > 1 else self.states[0]}

    def report(self, file: str, state: Row, refs: Sequence[str]) -> Report:
        assert list(refs) == list(self.sent[-1])
        self.numbers |= {ref: self.sent[-1][ref] for ref in refs if ref not in self.told.refused and not self.told.why}
        return self.told


def line(ref: str, number: int) -> StockLine:
    return StockLine(ref, number, f"stock:1:{ref}:1")


def waits(*refs: str, file: str = "f1") -> tuple[StockAnswer, ...]:
    return tuple(StockAnswer(ref, False, f"still at {file}", retry=True) for ref in refs)


def test_one_file_carries_all_numbers_that_are_not_right_already() -> None:
    stock = Stock()
    assert stock.push([line("A", 7), line("B", 40), line("C", 0)]) == (
        StockAnswer("A", True, seen=7), StockAnswer("B", True, seen=40), StockAnswer("C", True, seen=0),
    )  # fmt: skip
    assert (stock.sent, stock.asked) == ([{"A": 7, "C": 0}], ["f1"])


def test_a_file_under_way_is_asked_for_before_another_is_sent_and_every_line_waits() -> None:
    stock = Stock("RUNNING")
    assert stock.push([line("A", 7), line("B", 8)]) == waits("A", "B")
    assert stock.push([line("C", 9)]) == waits("C")
    assert (stock.sent, stock.asked) == ([{"A": 7, "B": 8}], ["f1"] * 4)
    stock.states = ["DONE"]
    assert [answer.ok for answer in stock.push([line("C", 9), line("A", 7)])] == [True, True]
    assert stock.sent == [{"A": 7, "B": 8}, {"C": 9}]


def test_a_refusal_stays_with_its_line_and_its_neighbors_are_taken() -> None:
    stock = Stock(told=Report({"A": "too many"}))
    assert stock.push([line("A", 9999), line("B", 8)]) == (
        StockAnswer("A", False, "too many"), StockAnswer("B", True, seen=8),
    )  # fmt: skip


def test_what_a_slow_file_refused_is_told_once_without_sending_it_and_another_number_goes_out() -> None:
    stock = Stock("RUNNING", told=Report({"A": "too many", "B": "too many"}))
    stock.push([line("A", 9999), line("B", 9999)])
    stock.states = ["DONE"]
    assert stock.push([line("A", 9999)]) == (StockAnswer("A", False, "too many"),)
    stock.told = Report({})
    assert [answer.ok for answer in stock.push([line("A", 9999), line("B", 7)])] == [True, True]
    assert stock.sent == [{"A": 9999, "B": 9999}, {"A": 9999, "B": 7}]


@pytest.mark.parametrize("retry", [True, False])
def test_lines_that_a_report_does_not_name_are_told_what_is_wrong_with_all(retry: bool) -> None:
    stock = Stock(told=Report({"A": "too many"}, "the file broke off", retry))
    named, other = stock.push([line("A", 9999), line("B", 8)])
    assert named == StockAnswer("A", False, "too many")
    assert other == StockAnswer("B", False, "the file broke off", retry=retry)


def test_a_file_is_not_forgotten_where_its_end_could_not_be_asked_for() -> None:
    stock = Stock()
    stock.error = ChannelDown("out of reach")
    with pytest.raises(ChannelDown):
        stock.push([line("A", 7)])
    stock.error = None
    assert [answer.ok for answer in stock.push([line("A", 7)])] == [True]
    assert (len(stock.sent), stock.asked) == (1, ["f1", "f1"])


def test_a_file_that_could_not_be_sent_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(lines: Mapping[str, StockLine]) -> str:
        raise ChannelDown("out of reach")

    stock = Stock()
    with monkeypatch.context() as patch, pytest.raises(ChannelDown):
        patch.setattr(stock, "send", down)
        stock.push([line("A", 7)])
    assert stock.push([line("A", 7)])[0].ok
    assert (stock.sent, stock.asked) == ([{"A": 7}], ["f1"])
