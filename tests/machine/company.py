"""The company that acts are played on, by one hand or by several threads at once."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Row, text

from hub.canonical.errors import Rejected
from hub.ports import failpoints
from hub.ports.channel import RawRecord
from hub.store import tables as t
from hub.store.database import Database
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.streams import Busy
from tests.fakes.channel import FakeChannel, payload
from tests.fakes.world import World

Result = TypeVar("Result")
REFUSALS = (Rejected, Busy)
PRICES = {"L-A": Decimal("2.50"), "L-B": Decimal("0.99"), "L-KIT": Decimal("10.05"), "L-NEW": Decimal("1.10")}
OPEN_WORK = ("open", "picking", "packed")

MARKS = text("""
    SELECT (SELECT count(*) FROM stock_ledger), (SELECT sum(version) FROM stock_balance),
           (SELECT count(*) FROM outbox), (SELECT count(*) FROM order_event), (SELECT count(*) FROM audit_log),
           (SELECT sum(shipped + 2 * received + 3 * lost) FROM transfer_line), (SELECT count(*) FROM hold),
           (SELECT sum(picked + 2 * shipped + 3 * cancelled) FROM fulfillment_line),
           (SELECT count(*) FROM cancel_request), (SELECT sum(booked) FROM capacity_day)""")
"""What changes with every step that counts; a refusal leaves all of it as it is."""


class Crashed(BaseException):
    """The process ends here, as far as the database can tell: nothing that handles errors may catch it."""


class _Fuse(threading.local):
    """Burns through at the named failpoint, once, in the thread that armed it."""

    armed = ""

    def __call__(self, name: str) -> None:
        if name == self.armed:
            self.armed = ""
            raise Crashed(name)


fuse = _Fuse()


class _Errors(logging.Handler):
    """Keeps what the hub logs as an error: a batch that breaks and is tried one by one hides a missing lock."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


class Company:
    """Two warehouses, three items and a kit, one shop; how they work is drawn.

    alone:    one hand at work, so that what an act must do is known exactly.
    strict:   the shop refuses what it cannot deliver, else orders wait.
    asks, accepts, daily: W1 must agree to cancellations from then on; W2 accepts within so many minutes; W1 takes so
              many orders a day.
    soft:     unpaid orders keep their stock for five minutes.
    orders:   so many are planned already, and there is stock for most of them.
    """

    def __init__(
        self, db: Database, *, alone: bool, strict: bool = False, asks: str = "never", accepts: int | None = None,
        daily: int | None = None, orders: int = 0, soft: bool = False,
    ) -> None:  # fmt: skip
        self.world = World(db)
        self.db, self.ctx, self.clock, self.alone = db, self.world.ctx, self.world.clock, alone
        self.versions: dict[str, Any] = {}
        self.seen: list[Any] = []
        self.ends: dict[tuple[str, int], str] = {}
        self.left: dict[int, int] = {}
        self.errors = _Errors()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        save_warehouse(self.ctx, "W1", actor="eve", asks_from=asks, answer_minutes=5, daily_orders=daily)
        save_warehouse(self.ctx, "W2", actor="eve", accept_minutes=accepts)
        if strict:
            with db.write() as connection:
                connection.execute(t.connections.update().values(on_shortage="refuse"))
        if soft:
            with db.write() as connection:
                connection.execute(t.connections.update().values(settings={"soft_minutes": "unpaid=5"}))
        self._begin(orders)

    def _begin(self, orders: int) -> None:
        self.world.know_empty()
        for sku, (place, pieces) in itertools.product("ABC", (("W1", orders), ("W2", orders // 2))):
            if pieces:
                self.world.stock(sku, place, pieces)
        for n in range(orders):
            made = self.body(f"first-{n}", {"1": ("L-A", 1 + n % 3), "2": ("L-KIT" if n % 2 else "L-B", 1)})
            self.arrive(self.version(f"first-{n}", lambda _, made=made: made))  # type: ignore[misc]
        self.world.work()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Failpoints and the log are watched until it closes."""
        failpoints.observe_with(fuse)
        logging.getLogger("hub").addHandler(self.errors)
        try:
            yield
        finally:
            logging.getLogger("hub").removeHandler(self.errors)
            failpoints.observe_with(lambda _: None)

    def key(self, what: str) -> str:
        """A name that no other act uses."""
        return f"{what}-{next(self._numbers)}"

    def _at(self) -> str:
        n = next(self._numbers)
        return f"2026-11-23T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z"

    # What the channel sends.

    def version(self, ref: str, change: Callable[[Any], Any]) -> Any:
        """The next version of an order, made from the one before; the newest of all is remembered."""
        with self._lock:
            made = change(self.versions.get(ref)) | {"updated_at": self._at()}
            self.versions[ref] = made
            self.seen.append(made)
        return made

    def body(self, ref: str, lines: Mapping[str, tuple[str, int]], **more: Any) -> Any:
        """An order with prices: its total is the sum of its lines."""
        made = payload(ref, lines, **more)
        for row in made["lines"]:
            row["unit_price"] = str(PRICES[row["listing_ref"]])
        total = sum(PRICES[row["listing_ref"]] * int(row["quantity"]) for row in made["lines"])
        return made | {"total": str(total)}

    def arrive(self, *bodies: Any) -> None:
        """These versions lie in the inbox, in this order."""
        records: Sequence[RawRecord] = [FakeChannel.record(body) for body in bodies]
        for record in records:
            with self.db.write() as db:
                store_arrivals(db, self.world.shop_id, [pulled(record)], self.clock())

    # What acts are done with.

    def ask(self, act: Callable[[], Result]) -> Result | None:
        """Have it done; None where it was refused, which (seen alone) changed nothing, or where the process died."""
        before = self._marks()
        try:
            return act()
        except REFUSALS as error:
            assert not self.alone or self._marks() == before, f"refused ({error}), and yet something changed"
            return None
        except Crashed:
            return None

    def _marks(self) -> Any:
        if not self.alone:
            return None
        with self.db.read() as db:
            return tuple(db.execute(MARKS).one())

    def choose(self, index: int, table: Any, *where: Any) -> Row[Any] | None:
        """One of these rows."""
        rows = self.world.rows(table, *where)
        return rows[index % len(rows)] if rows else None

    def balance(self, sku: str, place: str, lot: str = "") -> dict[str, int]:
        """The numbers of one balance; all 0 where there is none."""
        b = t.stock_balances.c
        rows = self.world.rows(t.stock_balances, b.sku == sku, b.warehouse == place, b.lot == lot)
        names = ("on_hand", "reserved", "damaged", "quality_hold", "safety", "in_transit")
        return {name: int(getattr(rows[0], name)) if rows else 0 for name in names}

    def pieces_in_all(self) -> int:
        """On hand and under way, over all of the company."""
        return sum(row.on_hand + row.in_transit for row in self.world.rows(t.stock_balances))

    def open_lines(self, list_id: int) -> list[Row[Any]]:
        """The lines of a pick list of which something has still to leave."""
        rows = self.world.rows(t.fulfillment_lines, t.fulfillment_lines.c.fulfillment_order_id == list_id)
        return [line for line in rows if line.quantity > line.shipped + line.cancelled]
