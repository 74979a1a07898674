"""The mapping of one connection on its pages: from a held order to a row that mends it, mistakes at their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.main import create_app
from hub.pages.mapping_form import MappingForm, Mistake, mistake_of
from hub.ports.mapping import BuiltIn, BuiltInTable
from hub.reports.mappings import active_of, find_mappings
from hub.settings import load
from hub.store import migrate
from hub.store import tables as t
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_mappings import draft_mapping
from hub.wiring import Hub
from tests.fakes.mapped_shop import PICKUP, Shop, noted
from tests.fixtures.pages import MovedClock, Web

BUILT_IN = BuiltIn({"orders": "order: {}"}, (BuiltInTable("status", ("value", "status"), (), {}),))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Hub(load(data_dir=tmp_path, database_url="")) as hub:
        migrate.upgrade(hub.db)
        made = Shop(hub)
        made.arrive(1)
        made.arrive(2, status="awaiting-pickup")
        yield made


@pytest.fixture
def browser(shop: Shop) -> Any:
    clock = MovedClock()
    clock.now = datetime.now(UTC)
    return Web(create_app(shop.hub), shop.ctx, clock).as_role("admin")


def row(*cells: str) -> dict[str, str]:
    return {f"t.status.0.{at}": cell for at, cell in enumerate(cells)}


def test_from_a_held_order_to_a_row_that_mends_it_and_back(shop: Shop, browser: Any) -> None:
    held = browser.get("/holds").text
    assert "Say what “awaiting-pickup” means" in held
    assert f'href="/channels/{shop.id}/mapping/new?table=status&amp;value=awaiting-pickup#t-status"' in held
    root = f"/channels/{shop.id}/mapping"
    form = browser.get(f"{root}/new?table=status&value=awaiting-pickup").text
    assert 'name="t.status.0.0" value="awaiting-pickup"' in form
    made = browser.post(f"{root}/new", data=row("awaiting-pickup", "open", "paid", ""))
    assert (made.status_code, made.headers["location"]) == (303, f"{root}/1")
    tried = browser.post(f"{root}/1/try", data={"last": "20"}).text
    assert "2 read: 0 would change, 1 mended, 0 not read any more, 0 still not read" in tried
    assert browser.post(f"{root}/1/activate", data={"replay": "1"}).headers["location"] == root
    ingest_inbox(shop.ctx)
    assert shop.states() == {"1": "done", "2": "done"}
    assert browser.post(f"{root}/0/rollback").status_code == 303
    assert active_of(find_mappings(shop.ctx.db, shop.id)).note == "as version 0"
    versions = browser.get(root).text
    assert "In use" in versions and "1 row" in versions


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["unknown key &#39;totl&#39; (did you mean &#39;total&#39;?)", "orders.yaml, line 2, column 3"]),
        ("zh_CN", ["未知的键 &#39;totl&#39;（是不是 &#39;total&#39;？）", "orders.yaml，第 2 行，第 3 列"]),
    ],
)
def test_a_mistake_is_shown_where_it_is_and_nothing_is_lost(
    shop: Shop, browser: Any, language: str, words: list[str]
) -> None:
    browser.cookies.set("stockline_language", language)
    typed = {**row("x", "open", "", ""), "f.orders": "order:\r\n  totl: total\r\n", "note": "why"}
    answer = browser.post(f"/channels/{shop.id}/mapping/new", data=typed)
    assert answer.status_code == 422
    assert [text for text in words if text not in answer.text] == []
    assert "  totl: total\n  ^" in answer.text
    assert 'value="x"' in answer.text and 'value="why"' in answer.text
    assert [fact.version for fact in find_mappings(shop.ctx.db, shop.id)] == [0]


def test_a_wrong_cell_is_marked(shop: Shop, browser: Any) -> None:
    answer = browser.post(f"/channels/{shop.id}/mapping/new", data=row("x", "opne", "", ""))
    assert answer.status_code == 422
    assert 'href="#f-t.status.0.1"' in answer.text and "Table status, row 1, cell 2" in answer.text
    assert '<td data-label="status" class="wrong">' in answer.text
    assert '<option value="opne" selected>' in answer.text


def test_buttons_of_the_form_add_and_take_out_rows_without_saving(shop: Shop, browser: Any) -> None:
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=PICKUP)
    path = f"/channels/{shop.id}/mapping/{version}/edit"
    typed = row("awaiting-pickup", "open", "paid", "")
    assert 'name="t.status.4.0"' in browser.post(path, data={**typed, "do": "add:status"}).text
    assert 'value="awaiting-pickup"' not in browser.post(path, data={**typed, "do": "drop:status:0"}).text
    assert find_mappings(shop.ctx.db, shop.id)[0].body["tables"] == PICKUP["tables"]
    assert browser.post(path, data={"f.orders": "order: {note: number}"}).status_code == 303
    assert find_mappings(shop.ctx.db, shop.id)[0].body == {"files": {"orders": "order: {note: number}"}, "tables": {}}


def test_a_draft_that_breaks_orders_is_activated_only_with_a_word(shop: Shop, browser: Any) -> None:
    given = {"files": {"orders": "order: {number: {read: parcel, required: true}}\n"}}
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=given)
    root = f"/channels/{shop.id}/mapping/{version}"
    assert browser.post(f"{root}/activate").status_code == 409
    shown = browser.get(root).text
    assert "1 order that is read now cannot be read by this draft." in shown and 'name="force"' in shown
    assert browser.post(f"{root}/activate", data={"force": "1"}).status_code == 303
    assert active_of(find_mappings(shop.ctx.db, shop.id)).version == version
    assert browser.get(f"{root}/edit").status_code == 409


def test_a_draft_that_changes_money_is_activated_only_with_a_word(shop: Shop, browser: Any) -> None:
    given = {"files": {"orders": "order: {total: {const: 7843}}\n"}}
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=given)
    root = f"/channels/{shop.id}/mapping/{version}"
    assert browser.post(f"{root}/activate").status_code == 409
    shown = browser.get(root).text
    assert "Money or currency of 1 order would change." in shown and 'name="force"' in shown
    assert browser.post(f"{root}/activate", data={"force": "1"}).status_code == 303
    assert "1 of the orders that were tried read otherwise now, for example: W1: total: " in browser.get(root).text
    assert active_of(find_mappings(shop.ctx.db, shop.id)).version == version


def test_a_draft_without_a_change_is_not_made(shop: Shop, browser: Any) -> None:
    answer = browser.post(f"/channels/{shop.id}/mapping/new", data={})
    assert (answer.status_code, "it says what version 0 says, which is active" in answer.text) == (422, True)
    assert len(find_mappings(shop.ctx.db, shop.id)) == 1


def test_a_version_is_compared_and_a_draft_is_thrown_away(shop: Shop, browser: Any) -> None:
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring twice"))
    shown = browser.get(f"/channels/{shop.id}/mapping/{version}").text
    assert "files › orders" in shown and "note: {const: ring twice}" in shown
    assert browser.post(f"/channels/{shop.id}/mapping/{version}/retire").status_code == 303
    assert find_mappings(shop.ctx.db, shop.id)[0].state == "retired"
    copy = browser.get(f"/channels/{shop.id}/mapping/new?base={version}").text
    assert "note: {const: ring twice}" in copy
    assert browser.post(f"/channels/{shop.id}/mapping/replay").status_code == 303


def test_the_page_of_a_connection_leads_to_its_mapping(shop: Shop, browser: Any) -> None:
    assert f'href="/channels/{shop.id}/mapping"' in browser.get(f"/channels/{shop.id}").text


def test_a_dead_letter_of_an_unknown_carrier_leads_to_its_row(shop: Shop, browser: Any) -> None:
    error = (
        "Taobao knows no carrier 'Our Van': name it as its list does, or add a row to the table carriers of its mapping"
    )
    row = {"connection_id": shop.id, "topic": "shipment", "key": "k", "state": "dead", "error": error, "attempts": 1}
    with shop.ctx.db.write() as db:
        db.execute(t.outbox.insert().values(**row, body={}, due_at=shop.ctx.clock(), created_at=shop.ctx.clock()))
    shown = browser.get("/dead").text
    assert f'href="/channels/{shop.id}/mapping/new?table=carriers&amp;value=Our%20Van#t-carriers"' in shown
    assert "Say what “Our Van” means" in shown
    assert 'data-label="Channel"' in shown and 'data-label="Channel"' not in browser.get(f"/channels/{shop.id}").text


def test_the_form_reads_what_it_writes() -> None:
    body = {"files": {"orders": "order: {}"}, "tables": {"status": [["a", "open"], ["b", ""]]}}
    form = MappingForm.of(body)
    cells = [
        (f"t.status.{n}.{at}", cell) for n, line in enumerate(form.rows("status", 2)) for at, cell in enumerate(line)
    ]
    assert MappingForm.typed([*cells, ("f.orders", "order: {}")], BUILT_IN).body() == body


def test_fields_that_nobody_asked_for_are_left_out() -> None:
    odd = [("t.other.0.0", "a"), ("t.status.0.9", "b"), ("t.status.x.0", "c"), ("f.other", "d")]
    assert MappingForm.typed(odd, BUILT_IN).body() == {"files": {}, "tables": {}}


def test_a_value_that_has_a_row_gets_no_second_one() -> None:
    form = MappingForm.of(PICKUP | {"files": {}})
    form.with_value("status", "Awaiting-Pickup", BUILT_IN)
    form.with_value("other", "x", BUILT_IN)
    assert form.body()["tables"] == PICKUP["tables"]


def test_the_place_of_a_mistake_is_read_from_its_message() -> None:
    assert mistake_of("orders.yaml (yours):2:3: no: way") == Mistake("orders", "", 2, 3, "no: way")
    assert mistake_of("tables/status.csv (yours):4:1: twice") == Mistake("", "status", 4, 1, "twice")
    assert mistake_of("overrides:1:1: another form") == Mistake(why="overrides:1:1: another form")
