"""Warehouses are set up, the first steps tick off, a file that nobody can read is put aside, kits show a number."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from hub.canonical.errors import BadRecord, Conflict, NotFound
from hub.ports.channel import RawRecord
from hub.reports.setup import first_steps, warehouse_places
from hub.reports.stock import find_stock
from hub.store import inbox as messages
from hub.store.tables import holds, inbox
from hub.store.tables.people import audit_log
from hub.usecases.fix_holds import dismiss_hold
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_catalog import add_item, save_warehouse, set_kit
from tests.fixtures.pages import Web
from tests.fixtures.shop_day import Day

FORM = {"code": "DAL", "title": "Dallas", "country": "us", "postal_code": "75201", "city": "Dallas", "region": "TX",
        "priority": "2", "ships_to": "us, ca", "active": "1"}  # fmt: skip


def test_a_warehouse_is_added_changed_and_found_on_the_map(web: Web) -> None:
    admin = web.as_role("admin")
    assert "No warehouse yet" in admin.get("/warehouses").text
    assert admin.post("/warehouses/edit", data=FORM).headers["location"] == "/warehouses"
    page = admin.get("/warehouses").text
    assert "32.79, -96.80" in page and "found by postal code" in page and "CA, US" in page
    place = admin.get("/warehouses/edit?code=DAL").text
    assert 'value="75201"' in place
    nowhere = FORM | {"code": "other", "country": "", "city": "Nowhereville", "postal_code": "", "active": ""}
    assert admin.post("/warehouses/edit?code=DAL", data=nowhere).status_code == 303
    page = admin.get("/warehouses").text
    assert "place not found: distance is unknown" in page and "Switched off" in page
    [found] = warehouse_places(web.ctx.db)
    assert (found.code, found.country, found.city) == ("DAL", "", "Nowhereville")
    assert (found.active, found.point) == (False, None)


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("code", "", "fill this in"),
        ("code", "BER", "of this name already"),
        ("code", "a\x00b", "no text"),
        ("city", "x" * 201, "Too long"),
        ("country", "Germany", "two letters"),
        ("ships_to", "DE, Austria", "two letters"),
        ("priority", "0", "1 to 10000"),
        ("priority", "1.5", "1 to 10000"),
        ("priority", "9" * 30, "1 to 10000"),
    ],
)
def test_a_wrong_field_of_a_warehouse_is_explained_beside_it(web: Web, field: str, text: str, words: str) -> None:
    save_warehouse(web.ctx, "BER", actor="test")
    answer = web.as_role("admin").post("/warehouses/edit", data=FORM | {field: text})
    assert answer.status_code == 422
    said = re.search(rf'id="e-{field}">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    assert said and words in said[1]
    assert [place.code for place in warehouse_places(web.ctx.db)] == ["BER"]


def test_a_viewer_sees_warehouses_and_changes_none(web: Web) -> None:
    save_warehouse(web.ctx, "BER", actor="test", country="DE", city="Berlin")
    viewer = web.as_role("viewer")
    page = viewer.get("/warehouses").text
    assert "found by city" in page and "/warehouses/edit" not in page
    assert viewer.post("/warehouses/edit", data=FORM).status_code == 403
    assert web.as_role("admin").get("/warehouses/edit?code=XXX").status_code == 404


def test_the_first_steps_go_once_all_are_done(rooms: Web) -> None:
    assert "First steps" not in rooms.as_role("admin").get("/").text
    assert first_steps(rooms.ctx.db).done


def test_a_new_installation_shows_its_first_steps(web: Web) -> None:
    admin = web.as_role("admin")
    page = admin.get("/").text
    assert "First steps" in page and "stockline warehouse add BER" in page and 'href="/connect"' in page
    save_warehouse(web.ctx, "BER", actor="test")
    add_item(web.ctx, "TEE", actor="test")
    page = admin.get("/overview/live").text
    assert "stockline warehouse add BER" not in page and "stockline item add" not in page
    assert "stockline stock add" in page and page.count(">done</span>") == 2
    assert "Connect</a>" not in web.as_role("viewer").get("/").text


def _hold_file(day: Day) -> str:
    """A file of a dealer that ends too early; gives the fingerprint of its hold."""
    problem = BadRecord("IEA", "", "missing: the interchange is cut off")
    record = RawRecord("file-1", b"ISA*00*", None, problem, "file", "application/edi-x12")
    ctx = day.seed.ctx
    with ctx.db.write() as db:
        messages.store_arrivals(db, 1, [messages.pulled(record)], ctx.clock())
    ingest_inbox(ctx)
    with ctx.db.read() as db:
        return str(db.scalar(select(holds.c.fingerprint).where(holds.c.fingerprint.startswith("bad_record:1:IEA"))))


def test_a_file_that_nobody_can_read_is_dismissed_and_kept(rooms: Web, day: Day) -> None:
    mark = _hold_file(day)
    operator = rooms.as_role("operator")
    page = operator.get("/holds/cause", params={"fingerprint": mark}).text
    assert "ask the dealer to send it again, then dismiss" in page and "mappings/" not in page
    assert rooms.as_role("viewer").post("/holds/dismiss", data={"fingerprint": mark}).status_code == 403
    done = operator.post("/holds/dismiss", data={"fingerprint": mark})
    assert (done.status_code, done.headers["location"]) == (303, "/holds")
    with rooms.ctx.db.read() as db:
        hold = db.execute(select(holds).where(holds.c.fingerprint == mark)).one()
        message = db.execute(select(inbox).where(inbox.c.id == hold.inbox_id)).one()
        audit = db.execute(select(audit_log).where(audit_log.c.action == "hold.dismissed")).one()
    assert (hold.state, hold.released_by) == ("dismissed", audit.actor)
    assert (message.state, message.raw) == ("ignored", b"ISA*00*")
    assert (audit.subject, audit.data) == (mark, {"count": 1})
    with pytest.raises(NotFound):
        dismiss_hold(rooms.ctx, mark, "user:1")


def test_a_hold_with_an_order_is_never_dismissed(rooms: Web) -> None:
    with rooms.ctx.db.read() as db:
        marks = set(db.scalars(select(holds.c.fingerprint).where(holds.c.state == "open")))
    assert len(marks) >= 3
    for mark in marks:
        with pytest.raises(Conflict, match="an order waits"):
            dismiss_hold(rooms.ctx, mark, "user:1")
    with rooms.ctx.db.read() as db:
        assert set(db.scalars(select(holds.c.fingerprint).where(holds.c.state == "open"))) == marks


def test_a_kit_shows_how_many_can_be_made_where_one_may_look(day: Day) -> None:
    ctx = day.seed.ctx
    day.seed.item("P", SZX=7, BER=2)
    day.seed.item("Q", SZX=40)
    add_item(ctx, "KIT-PQ", actor="test")
    set_kit(ctx, "KIT-PQ", {"P": 2, "Q": 3}, actor="test")
    [row] = find_stock(ctx.db, ctx.clock(), q="KIT-PQ").rows
    assert (row.is_kit, row.free) == (True, 4)
    assert find_stock(ctx.db, ctx.clock(), q="KIT-PQ", scope={"SZX"}).rows[0].free == 3
    assert find_stock(ctx.db, ctx.clock(), q="KIT-PQ", scope={"BER"}).rows[0].free == 0
