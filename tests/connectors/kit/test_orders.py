"""Orders are read out of payloads, and handed over as the rows that came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.kit.orders.reading import ChangedRows, NumberedRows, OffsetRows, completed, is_whole, order_reader
from connectors.kit.settings import Start
from connectors.kit.values import Row
from hub.canonical.errors import BadRecord
from mappings.engine import compile_mapping
from mappings.engine.envelope import Envelope, either, having

MAPPING = """
channel: t
order:
  channel_ref: id
  number: id
  placed_at: {const: "2026-11-23T08:00:00Z"}
  currency: {const: EUR}
  status: {table: status, of: state}
  lines: {each: "lines[]", make: {channel_ref: id, quantity: {const: "1"}}}
"""
ENVELOPE = Envelope(is_order=having("id", "lines"), wraps=("orders",), foreign={"a product": frozenset({"stock"})})
READ = order_reader(ENVELOPE, compile_mapping(MAPPING, "t.yaml", {"status": "value,status\nnew,open\n"}).run)


def test_every_order_of_a_payload_is_read_in_its_order() -> None:
    raw = b'{"orders": [{"id": 1, "state": "new", "lines": []}, {"id": 2, "state": "new", "lines": []}]}'
    assert [order.channel_ref for order in READ(raw, {})] == ["1", "2"]


def test_settings_name_what_an_unknown_value_is_read_as() -> None:
    raw = b'{"id": 1, "state": "odd", "lines": []}'
    with pytest.raises(BadRecord, match="unknown status"):
        READ(raw, {})
    assert READ(raw, {"status.odd": "new"})[0].status == "open"


def test_another_document_is_called_what_it_is() -> None:
    with pytest.raises(BadRecord, match="this looks like a product"):
        READ(b'{"stock": 4}', {})


@pytest.mark.parametrize(
    ("_case", "raw", "why"),
    [
        ("one of two", b'{"lines": [], "state": "new"}', "this is no order: it lacks id"),
        ("none", b'{"state": "new"}', "this is no order: none of the fields that an order has is there"),
    ],
)
def test_an_order_without_a_needed_key_is_refused_by_what_it_lacks(_case: str, raw: bytes, why: str) -> None:
    with pytest.raises(BadRecord) as refused:
        READ(raw, {})
    assert refused.value.why == why


class Feed(ChangedRows):
    """Two orders; times are those of Berlin."""

    ref, changed, zone = "id", "changed", ZoneInfo("Europe/Berlin")

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(self._order, Start(timedelta(seconds=1), datetime(2026, 11, 1, tzinfo=UTC)))
        self._rows, self.asked = rows, list[tuple[datetime | None, int]]()

    def _order(self, ref: str) -> Row | None:
        return next((row for row in self._rows if row.get("id") == ref), None)

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        self.asked.append((since, number))
        return self._rows, False

    def record(self, row: Row) -> Any:
        return super().record({**row, "seen": True})


def test_rows_that_changed_become_records_from_where_pulls_start() -> None:
    feed = Feed([{"id": "a", "changed": "2026-11-23 09:00:00"}])
    (page,) = feed.pull(None)
    assert feed.asked == [(datetime(2026, 11, 1, tzinfo=UTC), 1)]
    assert [(one.ref, one.raw, one.updated_at) for one in page.records] == [
        ("a", b'{"id":"a","changed":"2026-11-23 09:00:00","seen":true}', datetime(2026, 11, 23, 8, tzinfo=UTC))
    ]
    list(feed.pull(page.cursor))
    assert feed.asked[-1] == (datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC), 1)


def test_one_order_is_the_same_record_and_an_unknown_one_is_none() -> None:
    feed = Feed([{"id": "a", "changed": "2026-11-23 09:00:00"}])
    (page,) = feed.pull(None)
    assert feed.one("a") == page.records[0]
    assert feed.one("b") is None


def test_a_row_without_its_id_carries_the_problem() -> None:
    (page,) = Feed([{"changed": "2026-11-23 09:00:00"}]).pull(None)
    assert page.records[0].problem is not None
    assert page.records[0].problem.field == "id"


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"a": 1, "b": 1}, True),
        ({"a": 1, "c": 1}, True),
        ({"a": 1}, False),
        ({"b": 1}, False),
        ({"a": 1, "b": 1, "x": 1}, False),
    ],
)
def test_keys_that_must_be_there_one_of_some_and_none_of_others(value: Mapping[str, Any], fits: bool) -> None:
    assert having("a", any_of=("b", "c"), none_of=("x",))(value) is fits


class Numbered(NumberedRows):
    """Finds every order whose number holds what is searched for."""

    ref, changed, number = "id", "changed", "no"

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(lambda ref: None, Start(timedelta(0), None))
        self._rows, self.asked = rows, list[str]()

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        return self._rows, False

    def search(self, number: str) -> list[Row]:
        self.asked.append(number)
        return [row for row in self._rows if number in row["no"]]


def test_the_order_of_a_number_is_the_first_that_has_exactly_it() -> None:
    feed = Numbered([{"id": "a", "no": "10012"}, {"id": "b", "no": "#1001"}, {"id": "c", "no": "1001"}])
    found = [feed.numbered(typed) for typed in ("1001", " #1001 ", "9", "#", "")]
    assert [one and one.ref for one in found] == ["b", "b", None, None, None]
    assert feed.asked == ["1001", "1001", "9"]


class TokenFeed(ChangedRows):
    """A shop whose pages name the next one by a token; all its orders changed in one second."""

    ref, changed = "id", "changed"

    def __init__(self, count: int) -> None:
        super().__init__(lambda ref: None, Start(timedelta(0), None))
        self._rows: list[Row] = [{"id": f"A{at}", "changed": "2026-11-23T08:00:00Z"} for at in range(count)]
        self._tokens: dict[tuple[datetime | None, int], str] = {}

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """As docs/add-a-channel.md says it: the token of the page before is sent where `number` is above 1."""
        rows, token = self._ask(self._tokens.get((since, number), "") if number > 1 else "")
        self._tokens = {(since, number + 1): token}
        return rows, bool(token)

    def _ask(self, token: str) -> tuple[list[Row], str]:
        start = int(token.removeprefix("after-") or 0)
        end = start + 2
        return self._rows[start:end], f"after-{end}" if end < len(self._rows) else ""


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_pages_that_name_the_next_by_a_token_are_all_read(count: int) -> None:
    pages = list(TokenFeed(count).pull(None))
    assert [record.ref for page in pages for record in page.records] == [f"A{at}" for at in range(count)]


class Asked(ChangedRows):
    """A shop without orders, which keeps from when on it was asked."""

    ref, changed = "id", "changed_at"

    def __init__(self, first: datetime) -> None:
        super().__init__(lambda _: None, Start(timedelta(), first))
        self.asked = list[datetime | None]()

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        self.asked.append(since)
        return [], False


class Strict(Asked):
    tick = timedelta(seconds=1)


@pytest.mark.parametrize(("kind", "second"), [(Asked, 1), (Strict, 0)])
def test_a_shop_that_reads_after_strictly_is_asked_a_tick_earlier_in_utc(kind: type[Asked], second: int) -> None:
    shop = kind(datetime(2026, 11, 23, 9, 0, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    assert list(shop.pull(None)) == []
    assert [f"{at:%H:%M:%S %Z}" for at in shop.asked if at] == [f"08:00:0{second} UTC"]


def test_thin_objects_are_completed_from_the_second_resource_and_say_themselves_what_goes_before() -> None:
    row = {"id": 1, "refunds": [{"id": 7, "total": "-1"}, {"id": 8}, "odd"]}
    found = completed(row, "refunds", "lines", lambda: [{"id": 7, "total": "-2", "lines": [1]}, {"id": 9, "lines": []}])
    assert found == {"id": 1, "refunds": [{"id": 7, "total": "-1", "lines": [1]}, {"id": 8}, "odd"]}


@pytest.mark.parametrize("row", [{}, {"refunds": None}, {"refunds": []}, {"refunds": [{"lines": None}]}])
def test_what_is_whole_is_not_asked_for_and_stays_the_same_row(row: Row) -> None:
    def ask() -> list[Row]:
        raise AssertionError("asked")

    assert is_whole(row, "refunds", "lines")
    assert completed(row, "refunds", "lines", ask) is row


class Created(OffsetRows):
    """A shop that sorts by creation; two rows a page."""

    ref, changed = "id", "changed"

    def __init__(self, rows: list[Row], now: datetime) -> None:
        super().__init__(lambda ref: None, Start(timedelta(minutes=1), None), lambda: now)
        self.rows, self.asked = rows, list[tuple[datetime | None, int]]()

    def page(self, since: datetime | None, passed: int) -> tuple[list[Row], int]:
        self.asked.append((since, passed))
        return self.rows[passed : passed + 2], len(self.rows)


def test_rows_by_creation_move_the_cursor_with_their_last_page_only() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    changes = ["2026-11-23T11:00:00Z", "2026-11-23T13:00:00Z", "2026-11-23T09:00:00Z"]
    shop = Created([{"id": at, "changed": when} for at, when in enumerate(changes, 1)], noon)
    pages = list(shop.pull("2026-11-23T08:00:00Z"))
    assert [[record.ref for record in page.records] for page in pages] == [["1", "2"], ["3"]]
    assert [page.cursor for page in pages] == ["2026-11-23T08:00:00Z", "2026-11-23T12:00:00Z"]
    assert shop.asked == [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), 2),
    ]


def test_an_order_may_be_known_in_one_of_several_ways() -> None:
    known = either(having("id", "state"), having("id", "lines", none_of=("errors",)))
    assert known({"id": 1, "state": "new"})
    assert known({"id": 1, "lines": []})
    assert not known({"id": 1, "lines": [], "errors": []})
    assert not known({"state": "new", "lines": []})
