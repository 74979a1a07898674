"""Stock as a CSV file that a marketplace imports: what is sent, how it ended, and what its error file says of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from connectors.kit.stock.imports import ImportStock, csv_text, file_form, refusals
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

DONE = {"status": "DONE"}


class Stock(ImportStock):
    """A marketplace that shows 40 of everything; `says`: the state of every import."""

    columns = ("sku", "quantity", "place")
    under_way, complete, failed, waits_s = frozenset({"RUNNING"}), "DONE", "BROKEN", (0.0,)
    has_errors, wrong = "errors", "wrong_lines"

    def __init__(self, says: Row, error_file: str = "") -> None:
        super().__init__()
        self.says, self.error_file, self.forms = says, error_file, list[Mapping[str, Any]]()

    def listings(self) -> Iterator[ListingOffer]:
        yield from ()

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        return {at: Shown(40) for at, _ in enumerate(lines)}

    def upload(self, form: Mapping[str, Any]) -> str:
        self.forms.append(form)
        return "5"

    def state(self, file: str) -> Row:
        assert file == "5"
        return self.says

    def errors(self, file: str) -> str:
        assert file == "5"
        return self.error_file


def lines(*refs: str) -> list[StockLine]:
    return [StockLine(ref, number, f"k:{ref}") for number, ref in enumerate(refs, 1)]


def file_in(form: Mapping[str, Any]) -> Any:
    """The one file of a form, as any mail program reads it."""
    head = f"Content-Type: {form['headers']['Content-Type']}\n\n".encode()
    (part,) = message_from_bytes(head + form["data"], policy=default).iter_parts()
    return part


def test_numbers_go_in_one_file_with_its_heading() -> None:
    stock = Stock(DONE)
    assert stock.push(lines("A;1", 'B"')) == (
        StockAnswer("A;1", True, seen=1), StockAnswer('B"', True, seen=2),
    )  # fmt: skip
    (form,) = stock.forms
    part = file_in(form)
    assert (part.get_filename(), part.get_content_type()) == ("stock.csv", "text/csv")
    assert part.get_content().splitlines() == ['"sku";"quantity";"place"', '"A;1";"1";""', '"B""";"2";""']


def test_a_line_that_the_error_file_names_is_refused_and_its_neighbors_are_taken() -> None:
    stock = Stock({**DONE, "errors": True, "wrong_lines": 1}, "line;reason;sku;quantity;place\n3;Too many;B;2;\n")
    assert stock.push(lines("A", "B")) == (
        StockAnswer("A", True, seen=1), StockAnswer("B", False, "the marketplace refused it: Too many"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("says", "why", "retry"),
    [
        ({"status": "BROKEN"}, "the marketplace could not read stock import 5", True),
        ({"status": "ASLEEP"}, "status of stock import 5 = 'ASLEEP': the hub does not know it", False),
        ({**DONE, "errors": True, "wrong_lines": "2"}, "2 lines of stock import 5 failed without being named", True),
        ({"status": "RUNNING"}, "the marketplace is still at stock import 5", True),
    ],
)
def test_an_import_that_did_not_end_well_is_told_to_its_lines(says: Row, why: str, retry: bool) -> None:
    assert Stock(says).push(lines("A")) == (StockAnswer("A", False, why, retry=retry),)


def test_an_error_file_is_read_by_its_heading_or_by_place() -> None:
    named = '"line";"reason";"quantity";"SKU "\n"2";"Too many";"9";"A;1"\n'
    assert refusals(named, "sku") == {"A;1": "the marketplace refused it: Too many"}
    assert refusals("line;why;ref\n2;Gone;B\n3;cut off\n\n", "sku") == {"B": "the marketplace refused it: Gone"}
    assert refusals("line;why;n;ref\n2;Gone;9;B\n", "sku", 3) == {"B": "the marketplace refused it: Gone"}
    assert refusals(f"line;why;sku\n2;{'x' * 999};B\n", "sku")["B"] == f"the marketplace refused it: {'x' * 300}"
    assert refusals("", "sku") == {}


def test_a_form_names_the_field_of_its_file() -> None:
    part = file_in(file_form("a.csv", csv_text([["ä", 1]]), "import"))
    assert part["Content-Disposition"].params == {"name": "import", "filename": "a.csv"}
    assert part.get_payload(decode=True) == '"ä";"1"\r\n'.encode()
