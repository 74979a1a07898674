"""Overrides of one connection, end to end: drafted, tried on stored payloads, activated, read by, rolled back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.mappings import active_of, diff_mappings, find_mappings, unread_messages
from hub.rules.ruleset_diff import sentence
from hub.settings import load
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases import manage_mappings
from hub.usecases.context import Context
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_mappings import (
    activate_mapping,
    draft_mapping,
    edit_mapping,
    replay_unread,
    retire_mapping,
    roll_back_mapping,
)
from hub.usecases.try_mapping import dry_run
from hub.wiring import Hub
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.mapped_shop import PICKUP, Shop, noted
from tests.mappings.payloads import woo

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def shop(fresh_db: Database, tmp_path: Path) -> Iterator[Shop]:
    with Hub(load(data_dir=tmp_path, database_url=fresh_db.engine.url.render_as_string(hide_password=False))) as hub:
        yield Shop(hub)


def test_an_unknown_word_is_mended_by_a_row_and_what_waited_is_read_again(shop: Shop) -> None:
    shop.arrive(1)
    shop.arrive(2, status="awaiting-pickup")
    assert shop.states() == {"1": "done", "2": "held"}
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=PICKUP, note="pickup")
    run = dry_run(shop.ctx, shop.id, version)
    assert run.counts == {"messages": 2, "changed": 0, "money": 0, "sent": 0, "broken": 0, "mended": 1, "stuck": 0}
    assert [(one.number, one.verdict) for one in run.messages] == [("W2", "mended"), ("W1", "same")]
    assert shop.states() == {"1": "done", "2": "held"}
    activate_mapping(shop.ctx, shop.id, version, actor="ann")
    assert unread_messages(shop.ctx.db, shop.id) == 1
    assert replay_unread(shop.ctx, shop.id, actor="ann") == 1
    assert ingest_inbox(shop.ctx) == 1
    assert shop.states() == {"1": "done", "2": "done"}
    assert (replay_unread(shop.ctx, shop.id, actor="ann"), unread_messages(shop.ctx.db, shop.id)) == (0, 0)


def test_a_draft_changes_nothing_and_the_active_version_reads_every_new_order(shop: Shop) -> None:
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring twice"))
    shop.arrive(1)
    activate_mapping(shop.ctx, shop.id, version, actor="ann")
    shop.arrive(2)
    assert (shop.note(1), shop.note(2)) == (None, "ring twice")


def test_a_draft_that_changes_what_is_sent_needs_force(shop: Shop) -> None:
    shop.arrive(1)
    given = {"files": {"orders": "order: {status: {const: cancelled}}\n"}, "tables": {}}
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=given)
    with pytest.raises(Conflict, match=r"^with mapping version 1, what is sent, or whether, would change for 1 orders"):
        activate_mapping(shop.ctx, shop.id, version, actor="ann")
    assert activate_mapping(shop.ctx, shop.id, version, actor="ann", force=True).counts["sent"] == 1


def test_a_draft_that_mends_an_active_version_which_no_program_reads_any_more_is_taken(shop: Shop) -> None:
    shop.activate(noted("ring twice"))
    mine = t.mapping_versions.c.connection_id == shop.id
    with shop.ctx.db.write() as db:
        spoiled = {"files": {"orders": "order: {nosuchkey: id}\n"}, "tables": {}}
        db.execute(t.mapping_versions.update().where(mine).values(body=spoiled))
    assert draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring once")) == 2


def test_a_draft_that_was_tried_against_a_version_which_is_active_no_more_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring twice"))
    second = draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring once"))

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(manage_mappings, "dry_run", dry_run)
        run = dry_run(*given, **named)
        activate_mapping(shop.ctx, shop.id, second, actor="bob")
        return run

    monkeypatch.setattr(manage_mappings, "dry_run", meanwhile)
    with pytest.raises(Conflict, match=r"^mapping version 2 became active while 1 was tried: try it again$"):
        activate_mapping(shop.ctx, shop.id, first, actor="ann")
    assert active_of(find_mappings(shop.ctx.db, shop.id)).version == second


def test_another_connection_of_the_same_kind_reads_as_before(shop: Shop) -> None:
    other = shop.connect("other")
    shop.activate(noted("ring twice"))
    shop.arrive(7, connection_id=other)
    assert shop.note(7) is None


def test_a_process_that_keeps_the_channel_reads_what_is_replayed_by_the_new_mapping(shop: Shop) -> None:
    with Hub(shop.hub.settings) as worker:
        worker.channels.get(shop.id)
        shop.arrive(2, status="awaiting-pickup")
        shop.activate(PICKUP)
        replay_unread(shop.ctx, shop.id, actor="ann")
        worker.channels.get(shop.id)
        ingest_inbox(worker.context())
    assert shop.states() == {"2": "done"}


def test_what_a_draft_breaks_is_shown_and_it_is_not_activated_unless_forced(shop: Shop) -> None:
    shop.arrive(1)
    version = draft_mapping(
        shop.ctx, shop.id, actor="eve", given={"files": {"orders": "order: {currency: customer_note}\n"}}
    )
    shop.arrive(2, customer_note="by noon")
    with pytest.raises(Conflict, match=rf"with mapping version {version}, 1 orders cannot be read that are read now"):
        activate_mapping(shop.ctx, shop.id, version, actor="ann")
    assert active_of(find_mappings(shop.ctx.db, shop.id)).version == 0
    fact = find_mappings(shop.ctx.db, shop.id)[0]
    assert {name: fact.tried[name] for name in ("messages", "changed", "broken")} == {
        "messages": 2, "changed": 1, "broken": 1,
    }  # fmt: skip
    broken, changed = dry_run(shop.ctx, shop.id, version).messages
    assert (broken.verdict, broken.before) == ("broken", "")
    assert broken.after == "customer_note = 'by noon': expected a currency of three letters such as EUR"
    assert [sentence(change) for change in changed.changes] == ["currency: USD → null"]
    activate_mapping(shop.ctx, shop.id, version, actor="ann", force=True)
    assert active_of(find_mappings(shop.ctx.db, shop.id)).version == version


def test_only_the_latest_message_of_each_of_the_last_orders_is_tried(shop: Shop) -> None:
    for number in (1, 2, 3):
        shop.arrive(number)
    shop.arrive(3, customer_note="later")
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=noted("ring"))
    run = dry_run(shop.ctx, shop.id, version, last=2)
    assert [(one.ref, [sentence(change) for change in one.changes]) for one in run.messages] == [
        ("3", ["note: later → ring"]), ("2", ["note: null → ring"]),
    ]  # fmt: skip


def test_changes_of_lines_are_told_by_their_id(shop: Shop) -> None:
    shop.arrive(1)
    version = draft_mapping(
        shop.ctx, shop.id, actor="eve", given={"files": {"orders": "order: {lines: {make: {uom: {const: EA}}}}\n"}}
    )
    (one,) = dry_run(shop.ctx, shop.id, version).messages
    assert {sentence(change) for change in one.changes} == {
        f"lines › {line['id']} › uom: null → EA" for line in woo()["line_items"]
    }


def test_rolling_back_makes_a_new_version_of_the_old_one(shop: Shop) -> None:
    first = shop.activate(noted("one"))
    shop.activate(noted("two"))
    assert roll_back_mapping(shop.ctx, shop.id, first, actor="bob") == 3
    shop.arrive(1)
    assert roll_back_mapping(shop.ctx, shop.id, 0, actor="bob") == 4
    shop.arrive(2)
    assert (shop.note(1), shop.note(2)) == ("one", None)
    facts = find_mappings(shop.ctx.db, shop.id)
    assert [(f.version, f.state, f.parent, f.note) for f in facts] == [
        (4, "active", None, "as version 0"), (3, "retired", 1, "as version 1"), (2, "retired", 1, ""),
        (1, "retired", None, ""), (0, "retired", None, ""),
    ]  # fmt: skip
    with shop.ctx.db.read() as db:
        log = t.audit_log.select().where(t.audit_log.c.action == "mapping.activated").order_by(t.audit_log.c.id)
        audit = [(row.actor, row.subject, row.data) for row in db.execute(log)]
    assert audit == [
        ("ann", f"mapping:{shop.id}:1", {"before": 0}), ("ann", f"mapping:{shop.id}:2", {"before": 1}),
        ("bob", f"mapping:{shop.id}:3", {"before": 2}), ("bob", f"mapping:{shop.id}:4", {"before": 3}),
    ]  # fmt: skip


def test_what_differs_between_versions_is_told_row_by_row(shop: Shop) -> None:
    draft_mapping(shop.ctx, shop.id, actor="eve", given=PICKUP)
    changed = {"tables": {"status": [["Awaiting-Pickup", "open", "unpaid", ""], ["lost", "cancelled", "", ""]]}}
    draft_mapping(shop.ctx, shop.id, actor="eve", given=changed)
    assert [sentence(change) for change in diff_mappings(shop.ctx.db, shop.id, 1, 2)] == [
        "tables › status › awaiting-pickup: open, paid, – → open, unpaid, –",
        "tables › status › lost: new, cancelled, –, –",
    ]  # fmt: skip


def test_a_mistake_is_refused_with_its_place_and_nothing_is_stored(shop: Shop) -> None:
    wrong = {"files": {"orders": "order:\n  nite: {const: x}\n"}}
    with pytest.raises(BadInput, match=r"^orders.yaml \(yours\):2:3: unknown key 'nite'"):
        draft_mapping(shop.ctx, shop.id, actor="eve", given=wrong)
    assert [fact.version for fact in find_mappings(shop.ctx.db, shop.id)] == [0]
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=PICKUP)
    with pytest.raises(BadInput, match="'nite'"):
        edit_mapping(shop.ctx, shop.id, version, wrong, actor="eve")
    assert find_mappings(shop.ctx.db, shop.id)[0].body["tables"] == PICKUP["tables"]


def test_a_change_of_a_draft_forgets_its_dry_run(shop: Shop) -> None:
    version = draft_mapping(shop.ctx, shop.id, actor="eve", given=PICKUP)
    dry_run(shop.ctx, shop.id, version)
    edit_mapping(shop.ctx, shop.id, version, noted("x"), actor="eve", note="better")
    fact = find_mappings(shop.ctx.db, shop.id)[0]
    assert (fact.tried, fact.note, fact.files, fact.rows) == ({}, "better", ["orders"], 0)


def test_what_was_active_never_changes(shop: Shop) -> None:
    version = shop.activate(PICKUP)
    with pytest.raises(Conflict, match=f"mapping version {version} is active: only a draft can be changed"):
        edit_mapping(shop.ctx, shop.id, version, {}, actor="eve")
    with pytest.raises(Conflict, match="only a draft can be activated"):
        activate_mapping(shop.ctx, shop.id, version, actor="eve")
    with pytest.raises(Conflict, match="there is nothing to go back to"):
        roll_back_mapping(shop.ctx, shop.id, version, actor="eve")
    draft = draft_mapping(shop.ctx, shop.id, actor="eve")
    retire_mapping(shop.ctx, shop.id, draft, actor="eve")
    with pytest.raises(Conflict, match=f"mapping version {draft} was never active"):
        roll_back_mapping(shop.ctx, shop.id, draft, actor="eve")


def test_what_is_not_there_is_told(shop: Shop) -> None:
    with pytest.raises(NotFound, match="there is no mapping version 7 of this connection"):
        activate_mapping(shop.ctx, shop.id, 7, actor="eve")
    with pytest.raises(NotFound, match="there is no mapping version 7"):
        roll_back_mapping(shop.ctx, shop.id, 7, actor="eve")
    with pytest.raises(NotFound, match="there is no connection 99"):
        find_mappings(shop.ctx.db, 99)
    with pytest.raises(NotFound, match="woocommerce has no mapping that can be overridden"):
        draft_mapping(Context(shop.ctx.db, shop.hub.channels.get), shop.id, actor="eve", given={})


def test_nobody_brings_overrides_in_as_a_setting(shop: Shop) -> None:
    with shop.ctx.db.write() as db:
        settings = {"shop_url": "https://shop.example", "(mapping)": json.dumps(noted("smuggled"))}
        db.execute(t.connections.update().where(t.connections.c.id == shop.id).values(settings=settings))
    shop.hub.channels.forget()
    shop.arrive(1)
    assert shop.note(1) is None
