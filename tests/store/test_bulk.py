"""Many rows at once arrive exactly as single ones would, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hub.store import bulk
from hub.store import tables as t
from hub.store.database import Database

NOW = datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
CHARS = st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"])
AWKWARD = st.one_of(
    st.text(CHARS, max_size=20), st.sampled_from(["\\N", "\\.", "a\tb\nc\rd", '{"a"}', "NULL", "", "'", ","])
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | AWKWARD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(AWKWARD, inner, max_size=3),
)


def all_rows(db: Database, table: Any) -> list[dict[str, Any]]:
    with db.read() as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.tuples(AWKWARD, st.dictionaries(AWKWARD, JSON, max_size=3)), min_size=1, max_size=8))
def test_any_text_and_any_document_come_back_as_they_went_in(
    fresh_db: Database, rows: list[tuple[str, dict[str, Any]]]
) -> None:
    with fresh_db.write() as db:
        db.execute(t.order_events.delete())
        columns = {"kind": [kind for kind, _ in rows], "data": [data for _, data in rows]}
        bulk.insert(db, t.order_events, columns, {"order_id": 1, "actor": "me", "at": NOW})
    found = all_rows(fresh_db, t.order_events)
    assert [(row["kind"], row["data"], row["at"]) for row in found] == [(kind, data, NOW) for kind, data in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.dictionaries(AWKWARD, st.tuples(st.binary(max_size=20), AWKWARD), min_size=1, max_size=8))
def test_what_is_there_already_is_neither_counted_nor_changed(
    fresh_db: Database, messages: dict[str, tuple[bytes, str]]
) -> None:
    keys = sorted(messages)
    columns = {"dedupe_key": keys, "raw": [messages[key][0] for key in keys], "ref": [messages[key][1] for key in keys]}
    same = {"connection_id": 1, "source": "pull", "digest": "", "received_at": NOW}
    with fresh_db.write() as db:
        db.execute(t.inbox.delete())
        assert bulk.insert_new(db, t.inbox, columns, ("connection_id", "dedupe_key"), same) == len(keys)
        assert bulk.insert_new(db, t.inbox, columns, ("connection_id", "dedupe_key"), same | {"source": "x"}) == 0
        changed = bulk.update(db, t.inbox, {"dedupe_key": keys}, {"topic": [*keys]}, {"connection_id": 1})
        assert changed == len(keys)
        read = bulk.read(db, t.inbox, {"connection_id": [1] * len(keys), "dedupe_key": keys}, ("dedupe_key",))
        assert sorted(row[0] for row in read) == keys
    found = {row["dedupe_key"]: (row["raw"], row["ref"], row["topic"], row["source"], row["state"])
             for row in all_rows(fresh_db, t.inbox)}  # fmt: skip
    assert found == {key: (*messages[key], key, "pull", "new") for key in keys}


def test_columns_that_nobody_names_have_their_declared_defaults(fresh_db: Database) -> None:
    with fresh_db.write() as db:
        bulk.insert(db, t.items, {"sku": ["A", "B"]}, {"created_at": NOW})
        db.execute(t.items.insert(), [{"sku": "C", "created_at": NOW}])
    a, b, c = ({name: value for name, value in row.items() if name != "sku"} for row in all_rows(fresh_db, t.items))
    assert a == b == c


def test_days_truths_numbers_and_times_of_other_zones_are_kept(fresh_db: Database) -> None:
    noon = datetime(2026, 11, 23, 20, tzinfo=timezone(timedelta(hours=8)))
    columns = {"code": ["W1", "W2"], "active": [True, False], "lat": [1.5, None], "ships_to": [["DE"], []]}
    with fresh_db.write() as db:
        bulk.insert(db, t.warehouses, columns, {"created_at": noon})
        bulk.insert(db, t.stock_lots, {"sku": ["A", "A"], "lot": ["1", "2"], "expires_on": [date(2027, 1, 31), None]},
                    {"created_at": noon})  # fmt: skip
    first, second = all_rows(fresh_db, t.warehouses)
    assert (first["active"], first["lat"], first["ships_to"]) == (True, 1.5, ["DE"])
    assert (second["active"], second["lat"], second["created_at"]) == (
        False,
        None,
        datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    assert [row["expires_on"] for row in all_rows(fresh_db, t.stock_lots)] == [date(2027, 1, 31), None]


def test_a_time_without_a_zone_is_refused(fresh_db: Database) -> None:
    with pytest.raises(ValueError, match="a time without zone cannot be stored"), fresh_db.write() as db:
        bulk.insert(db, t.items, {"sku": ["A"], "created_at": [datetime(2026, 11, 23)]})  # noqa: DTZ001 - the point


def test_a_row_that_breaks_a_rule_takes_its_whole_batch_back(fresh_db: Database) -> None:
    with pytest.raises(IntegrityError), fresh_db.write() as db:
        bulk.insert(db, t.items, {"sku": ["A", "B", "A"]}, {"created_at": NOW})
    assert all_rows(fresh_db, t.items) == []


def test_ids_are_ascending_and_nobody_gets_one_twice(fresh_db: Database) -> None:
    with fresh_db.write() as db:
        first = bulk.take_ids(db, t.holds, 3)
        same = {"connection_id": 1, "kind": "short", "fingerprint": "f", "created_at": NOW}
        bulk.insert(db, t.holds, {"id": first}, same)
        second = bulk.take_ids(db, t.holds, 2)
    assert [*first, *second] == sorted({*first, *second})
    assert [row["id"] for row in all_rows(fresh_db, t.holds)] == [*first]


def test_nothing_at_all_is_written_and_read_without_a_word_to_the_database(fresh_db: Database) -> None:
    with fresh_db.write() as db:
        bulk.insert(db, t.items, {"sku": []}, {"created_at": NOW})
        assert bulk.insert_new(db, t.items, bulk.columns_of([]), ("sku",)) == 0
        assert bulk.update(db, t.items, {"sku": []}, {"title": []}) == 0
        assert bulk.read(db, t.items, {"sku": []}, ("sku",)) == []
    assert all_rows(fresh_db, t.items) == []


def test_added_values_and_a_guard_change_only_the_rows_that_allow_it(fresh_db: Database) -> None:
    same = {"warehouse": "W", "updated_at": NOW}
    with fresh_db.write() as db:
        bulk.insert(db, t.stock_balances, {"sku": ["A", "B"], "on_hand": [5, 1], "reserved": [1, 1]}, same)
        found = bulk.update(
            db, t.stock_balances, {"sku": ["A", "B"]}, {"reserved": [2, 1]}, {"updated_at": NOW},
            sets=(*bulk.adding("reserved"), ("version", "t.version + 1")), guard="t.reserved + d.reserved <= t.on_hand",
        )  # fmt: skip
    assert found == 1
    assert [(row["sku"], row["reserved"], row["version"]) for row in all_rows(fresh_db, t.stock_balances)] == [
        ("A", 3, 1), ("B", 1, 0),
    ]  # fmt: skip
