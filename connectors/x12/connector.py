"""One EDI dealer: reads his folder, answers with 997, 855, 856 and 846."""

from __future__ import annotations

import hashlib
import posixpath
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.x12 import acknowledge, documents
from connectors.x12.folders import Entry, Folders, OpenFolders, local_folders
from connectors.x12.intake import take_in
from connectors.x12.orders import holds_only, purchase_orders
from connectors.x12.sftp import port_of, require_paramiko, sftp_folders
from connectors.x12.spec import SPEC
from connectors.x12.tokenizer import MAX_BYTES
from connectors.x12.writer import Address, Row, control_number, document, file_name
from hub.canonical.errors import Misconfigured, StocklineError
from hub.canonical.faults import noted, unfit
from hub.canonical.order import Order
from hub.canonical.told import told
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import (
    Connection,
    ConnectorFactory,
    Dispatch,
    Finding,
    OrderAnswer,
    Page,
    RawRecord,
    Receipt,
    StockAnswer,
    StockLine,
)
from hub.ports.clock import Clock, utc_now
from mappings.engine import table
from mappings.engine.readers import zone_of

_NEEDED = {"folder": ("inbound_dir", "outbound_dir", "our_id", "partner_id"),
           "sftp": ("inbound_dir", "outbound_dir", "our_id", "partner_id", "sftp_host", "sftp_user")}  # fmt: skip
LONGEST_ID = 15
"""Characters of an interchange id (ISA06, ISA08)."""


class X12Dealer(BaseChannel):
    """One dealer's folders. A page is a file; the file is moved away once its page was committed.

    The folder itself says what is new, so the cursor is only the time of the newest file read. A file whose
    move did not happen is read again: its records, receipts and outbound files have the same keys then.
    """

    spec = SPEC

    def __init__(
        self, connection: Connection, clock: Clock = utc_now, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings = {field.name: field.default for field in SPEC.settings} | {
            name: value.strip() for name, value in connection.settings.items() if value.strip()
        }
        self._secrets = dict(connection.secrets)
        self._clock, self._sleep = clock, sleep
        self._look_at_settings()

    def __repr__(self) -> str:
        return f"X12Dealer({self._settings.get('partner_id', '')!r})"

    # ---- settings ----

    def _open(self) -> OpenFolders:
        """The folders, ready. Raises Misconfigured naming the setting that is missing."""
        transport = self._settings["transport"]
        if transport not in _NEEDED:
            raise Misconfigured(f"setting transport = {transport!r}: expected folder or sftp")
        missing = [name for name in _NEEDED[transport] if not self._settings.get(name)]
        if missing:
            raise Misconfigured(f"setting {missing[0]} is missing")
        return local_folders() if transport == "folder" else sftp_folders(self._settings, self._secrets)

    def _dir(self, name: str) -> str:
        """archive_dir and rejected_dir default to subfolders of inbound_dir."""
        return self._settings.get(f"{name}_dir") or posixpath.join(self._settings["inbound_dir"], name)

    def _seconds(self, name: str) -> float:
        text = self._settings[name]
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= 86_400:
            raise Misconfigured(f"setting {name} = {text!r}: expected seconds such as 1")
        return seconds

    def _look_at_settings(self) -> None:
        """Those that can never be used are refused before anything is asked. Raises Misconfigured."""
        for name in ("settle_s", "patience_s"):
            with noted():
                self._seconds(name)
        with noted():
            port_of(self._settings)
        with noted():
            zone_of(self._settings, "zone")
        self._look_at_ids()
        self._look_at_folders()
        for name, letters, example in (("currency", 3, "USD"), ("country", 2, "US")):
            text = self._settings.get(name, "")
            if text and not (len(text) == letters and text.isascii() and text.isalpha()):
                unfit(f"setting {name} = {text!r}: expected {letters} letters such as {example}", None)

    def _look_at_ids(self) -> None:
        ids = [self._settings.get(name, "") for name in ("our_id", "partner_id")]
        for name, text in zip(("our_id", "partner_id"), ids, strict=True):
            if len(text) > LONGEST_ID:
                unfit(f"setting {name} = {text!r}: expected at most {LONGEST_ID} characters", None)
        if ids[0] and ids[0] == ids[1]:
            unfit(f"our_id and partner_id are both {ids[0]!r}: each side has an id of its own", None)

    def _look_at_folders(self) -> None:
        """A folder of ours in which we look for the dealer's files would be read for ever."""
        inbound = self._settings.get("inbound_dir")
        for name in ("outbound_dir", "archive_dir", "rejected_dir"):
            folder = self._settings.get(name)
            if inbound and folder and posixpath.normpath(folder) == posixpath.normpath(inbound):
                unfit(f"inbound_dir and {name} are both {folder!r}: they must be two folders", None)

    # ---- in ----

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        """Reads the inbound folder and writes a probe into the outbound one."""
        try:
            if self._settings["transport"] == "sftp":
                require_paramiko()
            with self._open() as folders:
                waiting = len(folders.entries(self._settings["inbound_dir"]))
                writable = all(folders.can_write(self._settings[name]) for name in ("inbound_dir", "outbound_dir"))
        except StocklineError as problem:
            return (Finding("folders", False, str(problem)),)
        mend = "" if writable else "give this user the right to write into inbound_dir and outbound_dir"
        found = Finding(told(f"inbound folder; files waiting: {waiting}"), True)
        return (found, Finding("rights to move and write", writable, mend))

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        """A page for each file that has stopped growing, oldest first; asking for the next page moves the file away."""
        inbound, patience = self._settings.get("inbound_dir", ""), self._seconds("patience_s")
        with self._open() as folders:
            for entry in self._settled(folders, inbound):
                raw = folders.read(inbound, entry.name, MAX_BYTES + 1)
                if raw is None or self._growing(entry, raw, patience):
                    continue
                now = self._clock()
                intake = take_in(raw, self._settings, now)
                cursor = max(cursor or "", _stamp(entry.changed))
                newest = max((r.updated_at for r in intake.records if r.updated_at), default=None)
                yield Page(tuple(intake.records), cursor, tuple(intake.receipts), newest)
                folders.move(inbound, entry.name, self._dir("archive" if intake.clean else "rejected"))

    def _settled(self, folders: Folders, inbound: str) -> list[Entry]:
        """Files that look the same in two listings `settle_s` apart."""
        first = folders.entries(inbound)
        if not first:
            return []
        self._sleep(self._seconds("settle_s"))
        again = set(folders.entries(inbound))
        return [entry for entry in first if entry in again]

    def _growing(self, entry: Entry, raw: bytes, patience: float) -> bool:
        """Whether the rest may still come: changed lately, and no interchange trailer at its end."""
        young = abs(self._clock().timestamp() - entry.changed) < patience
        tail = raw[-200:].translate(None, b"\x00\r\n")
        return young and b"IEA" not in tail and b"\xc9\xc5\xc1" not in tail

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        """Pure; a dealer's 997 holds no order. Raises BadRecord: the record's own problem, or what its bytes hold."""
        if record.problem is not None:
            raise record.problem
        if record.kind == "file" and b"997" in record.raw and holds_only(record.raw, "997"):
            return ()
        return purchase_orders(record.raw, self._settings)

    # ---- out ----

    def _address(self, order: Mapping[str, Any]) -> Address:
        """To the dealer's interchange id, and to the application id (GS) that wrote the order."""
        s = self._settings
        ours, partner = s.get("our_id", ""), s.get("partner_id", "")
        sender = str((order.get("extra") or {}).get("sender") or partner)
        return Address(s["our_qualifier"], ours, s["partner_qualifier"], partner, ours, sender)

    def _send(self, kind: str, rows: Sequence[Row], key: str, moment: datetime, order: Mapping[str, Any]) -> None:
        """One document as one file whose name derives from the key: a retry overwrites the same file."""
        self._put(kind, key, document(kind, rows, self._address(order), key, moment))

    def _put(self, kind: str, key: str, body: bytes) -> None:
        with self._open() as folders:
            folders.write(self._settings["outbound_dir"], file_name(kind, key), body)

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """One 846 with the absolute numbers; the dealer applies it by the time in BIA."""
        if lines:
            keys = "\n".join(f"{line.key}={line.available}" for line in lines)
            key = "846:" + hashlib.sha256(keys.encode()).hexdigest()
            now = self._clock()
            rows = documents.rows_846(lines, self._settings["item_qualifier"], str(control_number(key)), now)
            self._send("846", rows, key, now, {})
        return tuple(StockAnswer(line.listing_ref, True) for line in lines)

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        """One 856 for one parcel."""
        carriers = table("x12", "carriers", self._settings)
        rows = documents.rows_856(dispatch, self._settings["item_qualifier"], carriers)
        self._send("856", rows, f"856:{key}", dispatch.shipped_at, dispatch.order)

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        """One 855."""
        rows = documents.rows_855(answer, self._settings["item_qualifier"])
        self._send("855", rows, f"855:{key}", answer.answered_at, answer.order)

    def send_receipt(self, receipt: Receipt) -> None:
        """The 997 of one received group."""
        self._put("997", receipt.key, acknowledge.write_997(receipt))


def _stamp(changed: float) -> str:
    """A file time as text that sorts; nonsense times are bounded."""
    return datetime.fromtimestamp(min(max(changed, 0.0), 4_102_444_800.0), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _factory(connection: Connection) -> X12Dealer:
    return X12Dealer(connection)


CONNECTOR: ConnectorFactory = _factory
