"""A random company at work: after every step the promises of the hub hold, whatever came in which order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from hub.canonical.errors import Conflict
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.fix_holds import hold_order, link_listing, replay_hold
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.place_orders import place_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.streams import Busy
from tests.fakes.channel import payload
from tests.fakes.databases import fast_folder
from tests.fakes.world import World

SKUS, PLACES = st.sampled_from("ABC"), st.sampled_from(["W1", "W2"])
LISTINGS = st.sampled_from(["L-A", "L-B", "L-KIT", "L-NEW"])
LINES = st.dictionaries(st.sampled_from("123"), st.tuples(LISTINGS, st.integers(1, 4)), min_size=1, max_size=3)
OVER = {"shipped", "cancelled", "refused", "closed"}


class Company(RuleBasedStateMachine):
    """One shop that waits for stock and one that refuses; `blank` is set by the test below."""

    blank: Path
    orders = Bundle("orders")

    @initialize(strict=st.booleans())
    def open(self, strict: bool) -> None:
        self.folder = tempfile.mkdtemp(dir=fast_folder())
        shutil.copy(self.blank, f"{self.folder}/hub.sqlite3")
        self.world = World(Database(f"sqlite:///{self.folder}/hub.sqlite3"))
        self.ctx = self.world.ctx
        if strict:
            with self.world.db.write() as db:
                db.execute(t.connections.update().values(on_shortage="refuse"))
        self.versions: dict[str, Any] = {}
        self.seen: list[Any] = []
        self.step = 0
        self.shipped: dict[str, int] = {}

    def _next(self) -> str:
        self.step += 1
        return f"2026-11-23T{self.step // 3600:02}:{self.step // 60 % 60:02}:{self.step % 60:02}Z"

    def _come(self, *bodies: Any) -> None:
        self.seen += bodies
        self.world.pull(*bodies)

    @rule(target=orders, lines=LINES, paid=st.booleans())
    def buy(self, lines: Any, paid: bool) -> str:
        ref = f"o{len(self.versions)}"
        self.versions[ref] = payload(ref, lines, self._next(), payment="paid" if paid else "unpaid")
        self._come(self.versions[ref])
        return ref

    @rule(ref=orders, lines=LINES, late=st.booleans())
    def edit(self, ref: str, lines: Any, late: bool) -> None:
        """`late`: the version before comes after this one."""
        before = self.versions[ref]
        self.versions[ref] = payload(ref, lines, self._next(), payment="paid", status=before.get("status", "open"))
        self._come(*([self.versions[ref], before] if late else [self.versions[ref]]))

    @rule(ref=orders, how=st.sampled_from([{"status": "cancelled"}, {"payment": "refunded"}, {"payment": "void"}]))
    def call_off(self, ref: str, how: Any) -> None:
        self.versions[ref] = self.versions[ref] | how | {"updated_at": self._next()}
        self._come(self.versions[ref])

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.seen:
            body = data.draw(st.sampled_from(self.seen))
            self.world.pull(body | {"note": f"echo {self._next()}"} if data.draw(st.booleans()) else body)

    @rule(limit=st.integers(1, 5))
    def ingest(self, limit: int) -> None:
        ingest_inbox(self.ctx, limit)

    @rule(limit=st.integers(1, 5))
    def place(self, limit: int) -> None:
        place_orders(self.ctx, limit)

    @rule(sku=SKUS, place=PLACES, by=st.integers(-4, 9))
    def adjust(self, sku: str, place: str, by: int) -> None:
        on_hand, reserved = self.world.balance(sku, place)
        try:
            adjust_stock(self.ctx, sku, place, by, reason="r", actor="t", key=f"adjust-{self._next()}")
        except Conflict:
            assert on_hand + by < reserved
        else:
            assert self.world.balance(sku, place) == (on_hand + by, reserved)

    @rule(sku=SKUS, place=PLACES, counted=st.integers(0, 9))
    def count(self, sku: str, place: str, counted: int) -> None:
        reserved = self.world.balance(sku, place)[1]
        try:
            count_stock(self.ctx, sku, place, counted, reason="r", actor="t", key=f"count-{self._next()}")
        except Conflict:
            assert counted < reserved
        else:
            assert self.world.balance(sku, place) == (counted, reserved)

    @rule(sku=SKUS, place=PLACES, safety=st.integers(0, 3))
    def keep(self, sku: str, place: str, safety: int) -> None:
        set_safety(self.ctx, sku, place, safety, actor="t")

    def _work(self, data: st.DataObject) -> Any:
        rows = self.world.rows(t.fulfillment_orders, t.fulfillment_orders.c.status.in_(("open", "picking", "packed")))
        return data.draw(st.sampled_from(rows)) if rows else None

    def _open_lines(self, list_id: int) -> list[Any]:
        rows = self.world.rows(t.fulfillment_lines, t.fulfillment_lines.c.fulfillment_order_id == list_id)
        return [line for line in rows if line.quantity > line.shipped + line.cancelled]

    @rule(data=st.data(), pack=st.booleans())
    def pick(self, data: st.DataObject, pack: bool) -> None:
        work = self._work(data)
        if work is None:
            return
        try:
            start_picking(self.ctx, work.id, "bob")
            for line in self._open_lines(work.id):
                left = line.quantity - line.cancelled - line.picked
                if left:
                    pick_scan(self.ctx, work.id, line.sku, "bob", left if pack else 1)
            if pack:
                pack_order(self.ctx, work.id, "bob")
        except Conflict as error:
            assert "held by hand" in str(error) or work.status == "packed", error

    @rule(data=st.data(), again=st.booleans())
    def ship(self, data: st.DataObject, again: bool) -> None:
        work = self._work(data)
        if work is None:
            return
        open_now = {line.id: line.quantity - line.shipped - line.cancelled for line in self._open_lines(work.id)}
        contents = {line_id: data.draw(st.integers(0, most)) for line_id, most in open_now.items()}
        parcel = Parcel(f"p{self._next()}", "DHL", "T", contents=contents)
        try:
            first = ship_parcel(self.ctx, work.id, parcel, "bob")
            assert not again or ship_parcel(self.ctx, work.id, parcel, "bob") == first
        except Conflict as error:
            assert "held by hand" in str(error) or not any(contents.values())

    @rule(data=st.data())
    def miss(self, data: st.DataObject) -> None:
        work = self._work(data)
        for line in self._open_lines(work.id)[:1] if work else []:
            try:
                report_missing(self.ctx, line.id, 1, "bob", "gone")
            except Conflict as error:
                assert "held by hand" in str(error)

    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        rows = self.world.rows(t.orders, t.orders.c.state.not_in(OVER))
        if rows:
            hold_order(self.ctx, data.draw(st.sampled_from(rows)).id, "why", "eve")

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        marks = sorted(set(self.world.holds()))
        if marks:
            replay_hold(self.ctx, data.draw(st.sampled_from(marks)), "eve")

    @rule()
    def link(self) -> None:
        link_listing(self.ctx, self.world.shop_id, "L-NEW", "C", actor="eve")

    @rule()
    def talk(self) -> None:
        self.world.clock.move(seconds=5)
        try:
            self.world.send()
            push_stock(self.ctx, self.world.shop_id)
        except Busy:
            pass

    @invariant()
    def promises_hold(self) -> None:
        """I1 ledger = balance, I2 0 <= reserved <= on hand, I4 one order per id, I5 an end is an end."""
        if not hasattr(self, "world"):
            return
        self.world.check()
        for piece in self.world.rows(t.order_pieces):
            assert piece.reserved >= 0
            assert piece.shipped >= self.shipped.get(str(piece.id), 0)
            self.shipped[str(piece.id)] = piece.shipped
        held = {row.order_id for row in self.world.rows(t.holds, t.holds.c.state == "open")}
        for order in self.world.rows(t.orders):
            assert order.state != "waiting" or order.id not in held
            assert order.state not in {"routed", "partial"} or self.world.takes_of(order.id) > 0

    @invariant()
    def whole_or_nothing(self) -> None:
        """I3: an order that nothing left of and that was never raised has all its pieces, or none."""
        if not hasattr(self, "world"):
            return
        for order in self.world.rows(t.orders, t.orders.c.state == "routed"):
            pieces = self.world.rows(t.order_pieces, t.order_pieces.c.order_id == order.id)
            assert all(piece.reserved + piece.shipped >= piece.wanted for piece in pieces)

    def teardown(self) -> None:
        """Everything comes to rest: the newest version of every order won, every channel shows what is free (I8)."""
        if not hasattr(self, "world"):
            return
        world = self.world
        world.work()
        world.clock.move(minutes=10)
        for _ in range(60):
            if not world.send() + push_stock(self.ctx, world.shop_id):
                break
            world.clock.move(seconds=5)
        world.check()
        assert {row.state for row in world.rows(t.inbox)} <= {"done"}
        for ref, newest in self.versions.items():
            row = world.row(ref)
            assert row.state != "waiting"
            stored = world.rows(t.order_documents, t.order_documents.c.order_id == row.id)[0].current
            assert [line["quantity"] for line in stored["lines"]] == [line["quantity"] for line in newest["lines"]]
        assert [row.leased_until for row in world.rows(t.streams) if row.leased_until] == []
        assert world.rows(t.outbox, t.outbox.c.state != "sent") == []
        for row in world.rows(t.stock_pushes):
            assert row.seq == row.sent_seq
        world.db.close()
        shutil.rmtree(self.folder)


def test_the_promises_hold_after_every_step(blank_sqlite: Path, full: bool) -> None:
    Company.blank = blank_sqlite
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Company,
        settings=settings(
            max_examples=200 if full else 12, stateful_step_count=40 if full else 25, deadline=None,
            derandomize=not full, suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip


def test_the_machine_notices_a_broken_promise(blank_sqlite: Path) -> None:
    """The check itself can fail: a piece taken behind the hub's back is seen at once."""
    Company.blank = blank_sqlite
    machine = Company()
    machine.open(strict=False)
    machine.world.stock("A", "W1", 3)
    with machine.world.db.write() as db:
        db.execute(t.stock_balances.update().values(on_hand=2))
    with pytest.raises(AssertionError, match="balance_is_ledger"):
        machine.promises_hold()
    machine.world.db.close()
    shutil.rmtree(machine.folder)
