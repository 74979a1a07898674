"""Dead letters go to work again, once; the breaker obeys a person; a scan is taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.dead import dead_count
from hub.reports.picks import read_pick
from hub.store.tables import audit_log, connections, holds, inbox, outbox, stock_pushes
from hub.usecases.mass_zero import allow_mass_zero
from hub.usecases.pick_orders import pack_order, pick_scan
from hub.usecases.push_stock import push_stock
from hub.usecases.replay_dead import replay_dead
from hub.usecases.undo_scan import undo_scan
from tests.fixtures.shop_day import Day


def test_a_push_that_was_given_up_is_tried_again(day: Day) -> None:
    web = day.shops["berlin-web"]
    channel = day.seed.channels[web]
    channel.refuse = {"L-TEE-RED-M"}
    day.seed.push()
    assert dead_count(day.db) == 1
    channel.refuse = set()
    assert replay_dead(day.seed.ctx, "push", web, "L-TEE-RED-M", actor="user:1") == 1
    while push_stock(day.seed.ctx, web):
        pass
    assert (channel.stock["L-TEE-RED-M"], dead_count(day.db)) == (0, 0)
    with pytest.raises(NotFound, match="it was tried again already"):
        replay_dead(day.seed.ctx, "push", web, "L-TEE-RED-M", actor="user:1")


def test_a_message_out_is_sent_again_with_its_tries_forgotten(day: Day) -> None:
    shop = day.shops["tmall-flagship"]
    with day.db.write() as db:
        db.execute(outbox.update().where(outbox.c.connection_id == shop).values(state="dead", attempts=8, error="x"))
        message_id = db.scalar(select(outbox.c.id).where(outbox.c.state == "dead"))
    assert replay_dead(day.seed.ctx, "outbox", shop, str(message_id), actor="user:1") == 1
    day.seed.push()
    assert [parcel.tracking_no for parcel in day.seed.channels[shop].parcels] == ["SF1090000000001"]


def test_messages_in_that_crashed_are_read_again_and_their_holds_closed(day: Day) -> None:
    shop = day.shops["tmall-flagship"]
    with day.db.write() as db:
        ids = db.scalars(select(inbox.c.id).where(inbox.c.connection_id == shop).order_by(inbox.c.id).limit(2)).all()
        db.execute(inbox.update().where(inbox.c.id.in_(ids)).values(state="dead", attempts=5, error="our code failed"))
        blank = {"connection_id": shop, "kind": "crashed", "fingerprint": "crashed:x", "field": "", "value": "",
                 "why": "", "state": "open", "created_at": day.seed.ctx.clock(), "released_by": ""}  # fmt: skip
        db.execute(holds.insert(), [blank | {"inbox_id": message_id} for message_id in ids])
    assert replay_dead(day.seed.ctx, "inbox", shop, actor="user:1") == 2
    day.seed.work()
    with day.db.read() as db:
        assert set(db.scalars(select(inbox.c.state).where(inbox.c.id.in_(ids)))) == {"done"}
        assert set(db.scalars(select(holds.c.state).where(holds.c.kind == "crashed"))) == {"released"}
        assert "dead.replayed" in db.scalars(select(audit_log.c.action)).all()


@pytest.mark.parametrize(("kind", "ref", "why"), [("mail", "", "use inbox, outbox or push"), ("outbox", "x", "id")])
def test_nonsense_is_refused(day: Day, kind: str, ref: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        replay_dead(day.seed.ctx, kind, 1, ref, actor="user:1")


def test_a_person_allows_the_zeros_and_arms_the_breaker_again(day: Day) -> None:
    shop = day.shops["berlin-web"]
    allow_mass_zero(day.seed.ctx, shop, True, "user:1")
    with day.db.read() as db:
        settings = db.scalar(select(connections.c.settings).where(connections.c.id == shop))
    assert settings == {"allow_mass_zero": "yes"}
    allow_mass_zero(day.seed.ctx, shop, False, "user:1")
    with day.db.read() as db:
        assert db.scalar(select(connections.c.settings).where(connections.c.id == shop)) == {}
    with pytest.raises(NotFound):
        allow_mass_zero(day.seed.ctx, 999999, True, "user:1")


def test_one_scan_is_taken_back_but_never_what_has_left(day: Day) -> None:
    ctx = day.seed.ctx
    line = read_pick(day.db, 3).lines[0]
    pick_scan(ctx, 3, line.sku, "user:1")
    assert undo_scan(ctx, 3, line.id, "user:1") == line.sku
    assert read_pick(day.db, 3).lines[0].picked == 0
    with pytest.raises(BadInput, match="nothing of it was picked"):
        undo_scan(ctx, 3, line.id, "user:1")
    with pytest.raises(Conflict, match="is shipped"):
        undo_scan(ctx, 1, 1, "user:1")
    with pytest.raises(Conflict, match="not picked yet"):
        pack_order(ctx, 3, "user:1")


def test_an_undone_scan_of_a_packed_list_opens_it_again(day: Day) -> None:
    ctx = day.seed.ctx
    line = read_pick(day.db, 2).lines[0]
    pick_scan(ctx, 2, line.sku, "user:1")
    pack_order(ctx, 2, "user:1")
    undo_scan(ctx, 2, line.id, "user:1")
    sheet = read_pick(day.db, 2)
    assert (sheet.card.status, sheet.left) == ("picking", 1)


def test_the_stock_pushes_that_wait_stay_untouched_by_a_replay(day: Day) -> None:
    with day.db.read() as db:
        before = db.execute(
            select(stock_pushes).order_by(stock_pushes.c.connection_id, stock_pushes.c.listing_ref)
        ).all()
    with pytest.raises(NotFound):
        replay_dead(day.seed.ctx, "push", day.shops["berlin-web"], actor="user:1")
    with day.db.read() as db:
        after = db.execute(
            select(stock_pushes).order_by(stock_pushes.c.connection_id, stock_pushes.c.listing_ref)
        ).all()
    assert before == after
