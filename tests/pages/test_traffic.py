"""On the pages: one SKU sent now, past days read again, followed and cancelled; what is refused is told there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.store import tables as t
from hub.usecases.backfill_orders import _begin
from tests.fixtures.pages import Web


@pytest.fixture
def reading(rooms: Web) -> Web:
    """The first channel reads November again."""
    since = datetime(2026, 11, 1, tzinfo=UTC)
    row = {"connection_id": 1, "since": since, "until": datetime(2026, 11, 16, tzinfo=UTC), "state": "running",
           "new": 3, "known": 41, "asked_by": "system:0", "created_at": rooms.clock()}  # fmt: skip
    with rooms.ctx.db.write() as db:
        db.execute(t.backfills.insert(), [row])
        _begin(db, 1, since, rooms.clock())
    return rooms


@pytest.mark.parametrize(("language", "words"), [("en", ["under way", "Cancel"]), ("zh_CN", ["进行中", "取消"])])
def test_how_far_it_is_stands_on_the_channels_page_and_in_its_live_part(
    reading: Web, language: str, words: list[str]
) -> None:
    browser = reading.as_role("admin")
    browser.cookies.set("stockline_language", language)
    for path in ("/channels/1", "/channels/1/backfills"):
        text = browser.get(path).text
        wanted = ["2026-11-01 00:00 – 2026-11-16 00:00", "41", *words]
        assert [word for word in wanted if word not in text] == []
    assert "/channels/1/backfill/cancel" not in reading.as_role("viewer").get("/channels/1").text


def test_it_is_cancelled_once(reading: Web) -> None:
    browser = reading.as_role("admin")
    assert browser.post("/channels/1/backfill/cancel").headers["location"] == "/channels/1"
    with reading.ctx.db.read() as db:
        assert db.scalar(t.backfills.select().with_only_columns(t.backfills.c.state)) == "cancelled"
    again = browser.post("/channels/1/backfill/cancel")
    assert (again.status_code, "no backfill is under way here" in again.text) == (404, True)


def test_what_nobody_sells_is_refused_where_it_was_asked(rooms: Web) -> None:
    browser = rooms.as_role("admin")
    answer = browser.post("/channels/1/push", data={"sku": "NONE"})
    assert (answer.status_code, "there is no SKU" in answer.text) == (404, True)
    blank = browser.post("/channels/1/push", data={"sku": ""})
    assert (blank.status_code, "name 1 to 100 SKUs" in blank.text) == (422, True)
    number = browser.post("/channels/1/fetch", data={"number": " "})
    assert number.status_code == 422


def test_a_stream_that_fails_begins_anew_from_the_channels_page(rooms: Web) -> None:
    which = (t.streams.c.connection_id == 1, t.streams.c.stream == "orders")
    free = {"cursor": "garbage", "failures": 3, "error": "cursor = 'garbage'", "leased_until": None}
    with rooms.ctx.db.write() as db:
        db.execute(t.streams.update().where(*which).values(free))
    browser = rooms.as_role("admin")
    assert "/channels/1/restart" in browser.get("/channels/1").text
    assert "/channels/1/restart" not in rooms.as_role("viewer").get("/channels/1").text
    assert browser.post("/channels/1/restart", data={"stream": "orders"}).headers["location"] == "/channels/1"
    with rooms.ctx.db.read() as db:
        assert db.scalar(t.streams.select().with_only_columns(t.streams.c.cursor).where(*which)) is None
    assert browser.post("/channels/1/restart", data={"stream": "stock"}).status_code == 404
    with rooms.ctx.db.write() as db:
        db.execute(t.streams.update().where(*which).values(leased_until=rooms.clock() + timedelta(seconds=60)))
    refused = browser.post("/channels/1/restart", data={"stream": "orders"})
    assert (refused.status_code, "is being read from there just now: stop the" in refused.text) == (409, True)
