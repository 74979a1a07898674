"""The warehouses' people: they take pick lists, scan every piece, pack and ship, now and then in two parcels."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

from sqlalchemy import select

from hub.canonical.errors import BadInput, Conflict
from hub.store.tables import fulfillment_orders
from hub.usecases.context import Context
from hub.usecases.pick_orders import lines_of, open_quantity, pack_order, pick_scan
from hub.usecases.ship_parcel import Parcel, ship_parcel

CARRIERS = ("DHL", "UPS", "SF Express")
REST_S = 0.2


class Pickers:
    """A thread that works through the open pick lists, oldest first, those older than `patience_s`.

    A list that is revoked meanwhile is put back; nothing else may go wrong. `carriers`: whom they give parcels to.
    """

    def __init__(
        self, context: Context, seed: int, patience_s: float = 2.0, carriers: Sequence[str] = CARRIERS
    ) -> None:
        self._ctx, self._patience_s, self._carriers = context, patience_s, carriers
        self._dice = random.Random(f"pickers {seed}")  # noqa: S311 - habits, not secrets
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="pickers", daemon=True)
        self.shipped = self.put_back = 0
        self.failure: Exception | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(30)

    def _work(self) -> None:
        try:
            while not self._end.wait(REST_S):
                for number in self._waiting():
                    self._one(number)
        except Exception as error:  # noqa: BLE001 - told at the end of the run
            self.failure = error

    def _waiting(self) -> Sequence[int]:
        table = fulfillment_orders.c
        with self._ctx.db.read() as db:
            query = select(table.id, table.created_at).where(table.status.in_(("open", "picking", "packed")))
            rows = db.execute(query.order_by(table.id).limit(40)).all()
        now = self._ctx.clock()
        return [row.id for row in rows if (now - row.created_at).total_seconds() >= self._patience_s]

    def _one(self, number: int) -> None:
        picker = f"picker-{number % 3 + 1}"
        try:
            self._pick(number, picker)
            self._ship(number, picker)
            self.shipped += 1
        except (Conflict, BadInput):
            self.put_back += 1

    def _pick(self, number: int, picker: str) -> None:
        with self._ctx.db.read() as db:
            lines = lines_of(db, number)
        for line in lines:
            missing = line.quantity - line.cancelled - line.picked
            if missing > 0:
                pick_scan(self._ctx, number, line.sku, picker, missing)
        pack_order(self._ctx, number, picker)

    def _ship(self, number: int, picker: str) -> None:
        with self._ctx.db.read() as db:
            lines = [line for line in lines_of(db, number) if open_quantity(line) > 0]
        carrier = self._dice.choice(self._carriers)
        if len(lines) > 1 and self._dice.random() < 0.3:
            first = Parcel(f"demo:{number}:1", carrier, f"{carrier[:2]}{number:08d}A",
                           contents={lines[0].id: open_quantity(lines[0])})  # fmt: skip
            ship_parcel(self._ctx, number, first, picker)
        ship_parcel(self._ctx, number, Parcel(f"demo:{number}:2", carrier, f"{carrier[:2]}{number:08d}B"), picker)
