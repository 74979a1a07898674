"""What the sandbox shop knows and does: items, trades, parcels, messages; `shapes.py` makes payloads."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connectors.kit.practice.sandbox import BookLine, BookOrder, Faults, ShopItem, Shopper
from connectors.taobao.sandbox.errors import business, no_item, no_trade

UNPAID, PAID, PARTLY, SENT = (
    "WAIT_BUYER_PAY",
    "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART",
    "WAIT_BUYER_CONFIRM_GOODS",
)
CLOSED, CLOSED_UNPAID = "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"
FIRST_ID = 2981000000000000000
ASKED, DONE, NONE = "WAIT_SELLER_AGREE", "SUCCESS", "NO_REFUND"
POSTAGE = Decimal("8.00")


@dataclass
class Sku:
    """`id` is 0 for an item without SKUs."""

    id: int
    item: int
    code: str
    name: str
    value: str
    price: Decimal
    stock: int


@dataclass
class Line:
    oid: int
    sku: Sku
    ordered: int
    status: str
    refund: str = NONE
    company: str = ""
    tracking: str = ""
    back: Decimal = Decimal(0)

    @property
    def refund_id(self) -> str:
        """ "" where no money was asked for."""
        return "" if self.refund == NONE else f"7{self.oid}"

    @property
    def current(self) -> int:
        """Pieces still wanted."""
        return 0 if self.status in {CLOSED, CLOSED_UNPAID} else self.ordered


@dataclass
class Trade:
    tid: int
    created: datetime
    modified: datetime
    shopper: Shopper
    lines: list[Line]
    kind: str = "fixed"
    first: dict[int, int] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """What the states of its lines make of it."""
        live = {line.status for line in self.lines if line.current}
        if not live:
            return CLOSED_UNPAID if all(line.status == CLOSED_UNPAID for line in self.lines) else CLOSED
        return PARTLY if live == {PAID, SENT} else live.pop() if len(live) == 1 else UNPAID


@dataclass(frozen=True)
class Message:
    id: int
    topic: str
    content: str
    nick: str
    sent: datetime


class Shop:
    """The state of one shop; every public method may be called from any thread."""

    def __init__(self, clock: Callable[[], datetime], nick: str, faults: Faults) -> None:
        self.lock = threading.RLock()
        self._clock, self._ids, self._faults, self.nick = clock, itertools.count(FIRST_ID + 1), faults, nick
        self.skus: list[Sku] = []
        self.items: dict[str, int] = {}
        self.trades: dict[int, Trade] = {}
        self.messages: dict[int, Message] = {}

    def now(self) -> datetime:
        """The platform's clock, in whole seconds."""
        return self._clock().replace(microsecond=0)

    def new_id(self) -> int:
        return next(self._ids)

    # ---- items ----

    def fill(self, items: Sequence[ShopItem]) -> None:
        """Put these on sale; "Mug, red" and "Mug, blue" are two SKUs of one item, "Tea" is an item without SKUs."""
        with self.lock:
            for item in items:
                name, comma, value = item.title.partition(", ")
                ref = self.items.setdefault(name, self.new_id())
                found = next((sku for sku in self.skus if sku.code == item.sku), None)
                if found is None:
                    own = self.new_id() if comma else 0
                    found = Sku(own, ref, item.sku, name, value, Decimal(0), 0)
                    self.skus.append(found)
                found.price, found.stock = Decimal(item.price), item.available

    def by_code(self, code: str) -> Sku:
        """Raises KeyError."""
        return {sku.code: sku for sku in self.skus}[code]

    def of_item(self, ref: str) -> list[Sku]:
        """Raises TopError."""
        found = [sku for sku in self.skus if str(sku.item) == ref]
        if not found:
            raise no_item()
        return found

    def write(self, item: str, numbers: Mapping[str, int]) -> None:
        """SKU (the item itself where it has none) -> absolute number; all of them or none. Raises TopError."""
        with self.lock:
            skus = {str(sku.id or sku.item): sku for sku in self.of_item(item)}
            if not numbers.keys() <= skus.keys():
                raise business("invalid-parameter", "sku不存在")
            for ref, number in numbers.items():
                skus[ref].stock = number

    def shown(self) -> dict[str, int]:
        """code -> number shown, never below 0."""
        with self.lock:
            return {sku.code: max(0, sku.stock) for sku in self.skus}

    # ---- what buyers and staff do ----

    def trade(self, ref: str) -> Trade:
        """Raises TopError."""
        found = self.trades.get(int(ref) if ref.isdigit() else 0)
        if found is None:
            raise no_trade()
        return found

    def place(self, shopper: Shopper, basket: Sequence[tuple[Sku, int]], status: str = PAID) -> Trade:
        """A buyer orders and pays. The only line of a trade shares its id."""
        with self.lock:
            tid, now = self.new_id(), self.now()
            ids = [tid] if len(basket) == 1 else [self.new_id() for _ in basket]
            lines = [Line(own, sku, pieces, status) for own, (sku, pieces) in zip(ids, basket, strict=True)]
            made = Trade(tid, now, now, shopper, lines, first={line.oid: line.ordered for line in lines})
            for sku, pieces in basket:
                sku.stock -= pieces
            self.trades[tid] = made
            self.tell(made, "TradeBuyerPay")
            return made

    def edit(self, trade: Trade, code: str, pieces: int) -> bool:
        """The pieces of a line change before it leaves; False where it is too late or changes nothing."""
        with self.lock:
            line = next((one for one in trade.lines if one.sku.code == code), None)
            if line is None or line.status != PAID or pieces < 1 or pieces == line.ordered:
                return False
            line.sku.stock -= pieces - line.ordered
            line.ordered = pieces
            self.tell(trade, "TradeChanged")
            return True

    def cancel(self, trade: Trade) -> bool:
        """All money goes back before anything left; False where it is too late."""
        with self.lock:
            if trade.status not in {PAID, UNPAID}:
                return False
            for line in trade.lines:
                self._close(line)
            self.tell(trade, "TradeClose")
            return True

    def refund(self, trade: Trade, code: str, state: str = DONE) -> bool:
        """The buyer asks for the money of a line, or has it back before it left; False where it is too late."""
        with self.lock:
            line = next((one for one in trade.lines if one.sku.code == code), None)
            if line is None or line.status != PAID:
                return False
            if state == DONE:
                self._close(line)
            line.refund = state
            self.tell(trade, "TradePartlyRefund")
            return True

    def pay_back(self, trade: Trade, code: str, amount: Decimal) -> None:
        """Money of a line that left goes back, all of it or a part."""
        with self.lock:
            line = next(one for one in trade.lines if one.sku.code == code)
            line.refund, line.back = DONE, amount
            self.tell(trade, "TradePartlyRefund")

    def _close(self, line: Line) -> None:
        if line.current:
            line.back = line.sku.price * line.ordered
            line.sku.stock += line.ordered
            line.refund = DONE if line.status == PAID else NONE
            line.status = CLOSED if line.status == PAID else CLOSED_UNPAID

    # ---- what the merchant does ----

    def send(self, trade: Trade, company: str, tracking: str, lines: Sequence[str] | None) -> None:
        """One parcel with these lines, all that wait where None. Raises TopError."""
        with self.lock:
            by_id = {str(line.oid): line for line in trade.lines if line.current}
            chosen = [by_id[ref] for ref in by_id if lines is None or ref in lines]
            if not chosen or (lines is not None and not set(lines) <= by_id.keys()):
                raise business("invalid-parameter:sub_tid", "子订单不存在")
            if any(line.status != PAID for line in chosen):
                raise business("logistics-offline-service-error:B27", "当前操作的订单已发货或状态不正确")
            for line in chosen:
                line.status, line.company, line.tracking = SENT, company, tracking
            self.tell(trade, "TradeSellerShip" if trade.status == SENT else "TradePartlySellerShip")

    # ---- messages ----

    def tell(self, trade: Trade, what: str) -> None:
        """The trade changed: its time moves, and a message goes into the queue."""
        trade.modified = self.now()
        if self._faults.strikes("webhook_lost"):
            return
        for _ in range(2 if self._faults.strikes("webhook_doubled") else 1):
            content = json.dumps({"tid": trade.tid, "oid": trade.lines[0].oid, "seller_nick": self.nick})
            self.post(f"taobao_trade_{what}", content, self.nick)

    def post(self, topic: str, content: str, nick: str) -> int:
        """A message for any shop of the app; gives its id."""
        with self.lock:
            ref = self.new_id()
            self.messages[ref] = Message(ref, topic, content, nick, self.now())
            return ref

    # ---- the book ----

    def book(self) -> Iterator[BookOrder]:
        """All trades as the shop knows them."""
        words = {UNPAID: "open", PAID: "open", PARTLY: "partial", SENT: "shipped"}
        with self.lock:
            for trade in self.trades.values():
                lines = tuple(
                    BookLine(
                        str(line.oid), line.sku.code, trade.first[line.oid], line.current,
                        line.ordered if line.status == SENT else 0,
                    )
                    for line in trade.lines
                )  # fmt: skip
                trackings = tuple(dict.fromkeys(line.tracking for line in trade.lines if line.tracking))
                yield BookOrder(str(trade.tid), words.get(trade.status, "cancelled"), lines, trackings, trade.created)
