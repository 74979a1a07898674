"""`X12Sandbox`: the dealer himself, with his habits, his faults and a loop that reads what we send."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.kit.practice.sandbox import BookLine, BookOrder, Faults, ShopItem, Shopper
from connectors.x12.sandbox import papers, reader
from connectors.x12.sandbox.books import Books, Entry
from connectors.x12.sandbox.mailroom import Mailroom
from connectors.x12.writer import Address, Row
from hub.canonical.errors import BadInput

if TYPE_CHECKING:
    from connectors.x12.sandbox.sftp_server import SftpServer

OUR_ID, TICK_S = "STOCKLINE", 0.1


class X12Sandbox:
    """A dealer who speaks X12 4010 over a folder or SFTP.

    Args: transport: "folder" or "sftp" (needs paramiko). root: an existing directory, else a temporary one.
          name: the dealer's interchange id; two dealers need two names.
    `complaints` lists every fault that the dealer found in our documents; it must stay empty.
    """

    channel = "x12"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        transport: str = "folder",
        root: Path | None = None,
        name: str = "DEALER01",
    ) -> None:
        self.faults, self.transport, self.name = faults or Faults(seed), transport, name
        self.complaints: list[str] = []
        self.acknowledged: dict[str, str] = {}
        self._dice = random.Random(seed)  # noqa: S311 - habits, not secrets
        self._books, self._lock = Books(), threading.RLock()
        self._own_root, self._root = root is None, root
        self._sent: dict[str, bool] = {}
        self._thanks: list[tuple[str, str, list[str]]] = []
        self._number = seed % 1000 * 100_000
        self._orders = self._files = 0
        self._spoiled = self._doubled = 0
        self._mail: Mailroom | None = None
        self._server: SftpServer | None = None
        self._thread: threading.Thread | None = None
        self._end = threading.Event()

    # ---- life ----

    def start(self, port: int = 0) -> None:
        if port and self.transport == "folder":
            raise BadInput("this dealer works in a folder and listens on no port: leave --port out")
        self._root = self._root or Path(tempfile.mkdtemp(prefix="stockline-dealer-"))
        self._mail = Mailroom(self._root, move_away=self.transport == "folder")
        if self.transport == "sftp":
            from connectors.x12.sandbox.sftp_server import SftpServer

            self._server = SftpServer(self._mail.exchange, self.faults, lambda: self.mail.dark, port)
            self._server.start()
        self._end.clear()
        self._thread = threading.Thread(target=self._loop, name=f"dealer-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread:
            self._thread.join(10)
        if self._server:
            self._server.stop()
        if self._mail:
            self._mail.outage(0)
        if self._own_root and self._root:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = None
        self._thread = self._server = None

    @property
    def mail(self) -> Mailroom:
        if self._mail is None:
            raise RuntimeError("start the sandbox first")
        return self._mail

    @property
    def settings(self) -> Mapping[str, str]:
        common = {"transport": self.transport, "our_id": OUR_ID, "our_qualifier": "ZZ", "partner_id": self.name,
                  "partner_qualifier": "ZZ", "settle_s": "0.02", "patience_s": "0.3"}  # fmt: skip
        if self._server is None:
            return common | {"inbound_dir": str(self.mail.to_hub), "outbound_dir": str(self.mail.from_hub)}
        return common | {"inbound_dir": "/to_hub", "outbound_dir": "/from_hub", **self._server.settings}

    @property
    def secrets(self) -> Mapping[str, str]:
        return self._server.secrets if self._server else {}

    # ---- the customers ----

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        with self._lock:
            self._books.fill(items)

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        with self._lock:
            self._orders += 1
            number = f"PO{self._orders:06}"
            lines = [BookLine(str(at), sku, count, count, 0) for at, (sku, count) in enumerate(basket, 1)]
            entry = self._books.orders[number] = Entry(number, shopper, [], datetime.now(UTC))
            entry.want(lines)
            self._send_order(entry, "00")
            return self._ref(number)

    def edit_order(self, ref: str, sku: str, quantity: int) -> bool:
        """A replacement (850, purpose 05) with the new quantity."""
        with self._lock:
            self.tick()
            entry = self._find(ref)
            if entry is None or entry.state != "open" or sku not in {line.sku for line in entry.lines}:
                return False
            entry.want([replace(line, current=quantity) if line.sku == sku else line for line in entry.lines])
            self._send_order(entry, "05")
            self.faults.count("order_edited")
            return True

    def cancel_order(self, ref: str) -> bool:
        """A cancellation (850, purpose 01)."""
        with self._lock:
            self.tick()
            entry = self._find(ref)
            if entry is None or entry.state != "open":
                return False
            self._send_order(entry, "01")
            entry.state = "cancelled"
            self.faults.count("order_cancelled")
            return True

    def change_stock_by_hand(self, sku: str, available: int) -> None:
        """The dealer overwrites his copy of our number; it stands until our next 846 names the item."""
        with self._lock:
            self._books.set_stock(sku, available)
            self.faults.count("manual_stock_change")

    def outage(self, seconds: float) -> None:
        with self._lock:
            self.mail.outage(seconds)
            if self._server and seconds > 0:
                self._server.drop_all()
            if seconds > 0:
                self.faults.count("outage")

    def book(self) -> tuple[BookOrder, ...]:
        with self._lock:
            self.tick()
            return tuple(entry.book(self._ref(number)) for number, entry in self._books.orders.items())

    def shown_stock(self) -> Mapping[str, int]:
        with self._lock:
            self.tick()
            return self._books.shown()

    def _ref(self, number: str) -> str:
        return f"{self.name}:{number}"

    def _find(self, ref: str) -> Entry | None:
        return self._books.orders.get(ref.removeprefix(f"{self.name}:"))

    # ---- what the dealer sends ----

    def _send_order(self, entry: Entry, purpose: str) -> None:
        rows = papers.rows_850(entry, self._books.items, purpose)
        if self.faults.strikes("corrupt_file"):
            self._send_spoiled(rows)
        paper = self._paper(rows)
        self._post(paper.body)
        if self.faults.strikes("duplicate_file"):
            self._doubled += 1
            self._post(paper.body if self._doubled % 2 else self._paper(rows).body)

    def _send_spoiled(self, rows: list[Row]) -> None:
        """A spoiled copy goes first; then, as after a call from us, the good one under a new number."""
        how = papers.SPOILS[self._spoiled % len(papers.SPOILS)]
        self._spoiled += 1
        paper = self._paper(rows)
        self._sent[paper.number] = False
        self._post(papers.spoil(paper, how, self._dice))

    def _paper(self, rows: list[Row]) -> papers.Paper:
        style, moment = self._dice.choice(papers.STYLES), datetime.now(UTC)
        thanks = self._group_of_thanks(moment)
        self._number += 1
        paper = papers.write(rows, self._address(), self._number, moment, style, thanks)
        self._sent[paper.number] = True
        return paper

    def _group_of_thanks(self, moment: datetime) -> bytes:
        """Now and then the file carries a second group: the dealer's 997 for a document of ours."""
        if not self._thanks or self._dice.random() < 0.5:
            return b""
        kind, number, transactions = self._thanks.pop(0)
        self._number += 1
        return papers.group_997(papers.rows_997_for(kind, number, transactions), self._address(), self._number, moment)

    def _address(self) -> Address:
        return Address("ZZ", self.name, "ZZ", OUR_ID, self.name, OUR_ID)

    def _post(self, body: bytes) -> None:
        self._files += 1
        self.mail.send(f"out_{self._files:06}.edi", body, slowly=self._dice.random() < 0.5)

    # ---- what the dealer reads ----

    def _loop(self) -> None:
        while not self._end.wait(TICK_S):
            self.tick()

    def tick(self) -> None:
        """Read every letter that lies in the folder, strictly."""
        with self._lock:
            for name, body in self.mail.letters():
                try:
                    for letter in reader.read_letters(body, OUR_ID, self.name):
                        self._take(letter)
                except reader.Complaint as complaint:
                    self.complaints.append(f"{name}: {complaint}")

    def _take(self, letter: reader.Letter) -> None:
        takers = {"997": self._take_997, "855": self._take_855, "856": self._take_856, "846": self._take_846}
        takers[letter.kind](letter)
        if letter.kind != "997":
            kind = {"855": "PR", "856": "SH", "846": "IB"}[letter.kind]
            self._thanks.append((kind, letter.group, [letter.transaction]))

    def _take_997(self, letter: reader.Letter) -> None:
        told = reader.read_997(letter)
        good = self._sent.get(told.number.lstrip("0"))
        reader.need(good is not None, f"997 for a group that was never sent: {told.number!r}")
        reader.need(told.status == "A" or not good, f"997 rejects the good group {told.number!r}")
        reader.need(told.status != "A" or bool(good), f"997 accepts the spoiled group {told.number!r}")
        self.acknowledged[told.number] = told.status

    def _take_855(self, letter: reader.Letter) -> None:
        told = reader.read_855(letter)
        self._complain(self._books.answer_told(told.order, told.verdict))

    def _take_856(self, letter: reader.Letter) -> None:
        told = reader.read_856(letter)
        self._complain(self._books.parcel_told(told.order, told.shipment, told.tracking, told.lines))

    def _take_846(self, letter: reader.Letter) -> None:
        at, items = reader.read_846(letter)
        for sku, available in items:
            self._complain(self._books.stock_told(sku, available, at))

    def _complain(self, complaint: str) -> None:
        reader.need(not complaint, complaint)
