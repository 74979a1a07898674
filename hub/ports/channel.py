"""What the hub asks of a channel: the port that every connector meets, and the values that cross it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.canonical.refs import Ref
from hub.canonical.refund import Refund

CONNECTORS = "stockline.connectors"
"""The entry point group under which packages register connectors: name of the channel = its package."""


class Can(StrEnum):
    """What a channel can do; the hub asks for nothing that is not declared. STOCK_FEED: it fetches numbers itself.

    BACKFILL: a pull may begin at any time in the past. FIND_ORDER: an order can be asked for by the number that its
    buyer sees, where that is not its id. PULL_REFUNDS: refunds are told apart from the orders, which tell none; the hub
    keeps them and joins them to their orders, whichever comes first.
    LAST_PARCEL: an order stays open until a parcel is told as final; one that only later turns out to be the last is
    told again, as final. Others are told each parcel once.
    """

    PULL_ORDERS = "pull_orders"
    BACKFILL = "backfill"
    FETCH_ORDER = "fetch_order"
    FIND_ORDER = "find_order"
    PULL_REFUNDS = "pull_refunds"
    WEBHOOKS = "webhooks"
    PROVE_ADDRESS = "prove_address"
    PULL_LISTINGS = "pull_listings"
    PUSH_STOCK = "push_stock"
    READ_STOCK = "read_stock"
    PUSH_SHIPMENT = "push_shipment"
    LAST_PARCEL = "last_parcel"
    ACCEPT_ORDER = "accept_order"
    REFUSE_ORDER = "refuse_order"
    SEND_RECEIPT = "send_receipt"
    STOCK_FEED = "stock_feed"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting or secret of a connection, as the admin form and the CLI ask for it.

    choices: the values that make sense, where there are few. lines: more than 1 for a text of several lines.
    """

    name: str
    label: str
    help: str = ""
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    lines: int = 1


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """The passport of a connector: read by the registry, the admin form, the docs and the contract suite.

    calls_per_second: sustained calls that the platform allows (its own limiter may be finer); 0: the hub calls nobody,
                      as where folders are read or a dealer asks.
    max_stock_lines:  lines that one `push_stock` call may carry.
    overlap_s:        how far behind the newest cursor time a pull starts again, in seconds.
    poll_s:           how often orders are pulled when no webhook rings, in seconds.
    every_s:          how often other streams run (`listings`, `reconcile_orders`, `webhook_check` …), in seconds, where
                      the hub's own pace is too much for the platform.
    soft_minutes:     how long orders keep stock before they are paid, as in the hub's setting of that name, where the
                      merchant says nothing else.
    call_gaps_s:      least seconds between two calls of an operation, where the platform writes such limits down.
    stock_mode:       "compare_and_set", "absolute" or "file".
    webhook_answer:   what the platform wants to hear of a webhook that was kept: JSON text.
    order_ref:        what a person writes to name one order, for people: which number or id, with an example.
    """

    name: str
    title: str
    can: frozenset[Can]
    settings: tuple[Field, ...] = ()
    secrets: tuple[Field, ...] = ()
    calls_per_second: float = 2.0
    max_stock_lines: int = 100
    overlap_s: int = 120
    poll_s: int = 60
    every_s: Mapping[str, int] = field(default_factory=dict)
    soft_minutes: str = ""
    call_gaps_s: Mapping[str, float] = field(default_factory=dict)
    stock_mode: str = "absolute"
    webhook_answer: str = '{"stored":true}'
    order_ref: str = ""
    docs: str = ""


RecordKind = Literal["order", "refund", "file", "refetch"]


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One order (or document, or refund) as it came, untouched.

    ref:        the channel's id of the order (of a refund: its own), as text; part of the dedupe key together with the
                digest of `raw`.
    problem:    set where the connector already knows that it cannot be understood (a corrupt envelope): it is held.
    kind:       "order", "refund" for one that is told apart, or "file" for a document that is kept but is no order.
                "refetch": the hub's own note to ask for an order again.
    """

    ref: Ref
    raw: bytes
    updated_at: datetime | None = None
    problem: BadRecord | None = None
    kind: RecordKind = "order"
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An acknowledgment of what was received (an X12 997): sent once the page is committed, once per `key`."""

    key: Ref
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, oldest first, and where the next pull starts once they are committed (inclusive)."""

    records: tuple[RawRecord, ...]
    cursor: str | None
    receipts: tuple[Receipt, ...] = ()
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One verified webhook. `records` are whole orders; `refetch` are ids to read again because the body is thin.

    forget: the names, as in `Buyer.channel_ref`, of a buyer whose personal data the platform asks to erase.
    """

    event_id: Ref
    topic: str
    records: tuple[RawRecord, ...] = ()
    refetch: tuple[Ref, ...] = ()
    stock_changed: tuple[Ref, ...] = ()
    triggered_at: datetime | None = None
    forget: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingOffer:
    """One listing as the channel describes it. `place` is what the connector needs to push its stock (ids as text)."""

    listing_ref: Ref
    sku: str | None
    title: str | None = None
    barcode: str | None = None
    available: int | None = None
    place: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StockLine:
    """The absolute number that a listing may sell, in the listing's own units.

    last_sent: what the hub last wrote there (the expected value for compare-and-set), None when never.
    key:       idempotency key, stable over retries of the same (listing, version).
    """

    listing_ref: str
    available: int
    key: str
    sku: str | None = None
    last_sent: int | None = None
    place: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """What became of one stock line.

    ok:    the channel now shows `available`.
    stale: the channel's number was not `last_sent`; nothing was written; `seen` is what stands there.
    retry: not ok, but another try may work.
    """

    listing_ref: Ref
    ok: bool
    why: str = ""
    stale: bool = False
    retry: bool = False
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class StockReading:
    """What a channel shows for a listing right now (None: the listing is gone or not stocked there)."""

    listing_ref: Ref
    available: int | None


@dataclass(frozen=True, slots=True)
class DispatchLine:
    """`quantity` in the channel's unit; `ordered` likewise."""

    line_ref: str
    quantity: Decimal
    listing_ref: str | None = None
    sku: str | None = None
    uom: str | None = None
    ordered: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One parcel that left a warehouse. `final`: nothing more of the order will be shipped."""

    order_ref: str
    number: str | None
    shipment_no: str
    carrier: str
    tracking_no: str
    shipped_at: datetime
    lines: tuple[DispatchLine, ...]
    final: bool
    warehouse: str = ""
    tracking_url: str | None = None
    order: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    line_ref: str
    ordered: Decimal
    promised: Decimal
    listing_ref: str | None = None
    sku: str | None = None
    uom: str | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """The hub's word on an order: accepted (every line promised) or refused, with the reason in words.

    order: the canonical order as JSON-ready data (for documents that repeat it).
    """

    order_ref: str
    number: str | None
    accepted: bool
    reason: str
    lines: tuple[AnswerLine, ...]
    answered_at: datetime
    order: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of `check`: what was looked at, whether it is fine, and how to mend it where not.

    needed: False for what the connection does without; `mend` says what is lost then.
    """

    what: Ref
    ok: bool
    mend: str = ""
    repaired: bool = False
    needed: bool = True

    @property
    def stops(self) -> bool:
        """Whether a person has to mend it before the connection is well."""
        return self.needed and not self.ok


@runtime_checkable
class Channel(Protocol):
    """One configured shop, marketplace account or dealer. Methods outside `spec.can` are never called.

    Every call may raise Throttled, ChannelDown, TimedOut (outcome unknown), AuthFailed, Misconfigured.
    Writes take a `key` that is the same on every retry: the effect happens once, or is read back before repeating.
    """

    spec: ConnectorSpec

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        """Look at credentials, scopes, places, webhooks; register or repair those that should call `callback_url`."""
        ...

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest first; a page is committed before the next is asked.

        A cursor is what a page named, or with BACKFILL any time in ISO 8601.
        """
        ...

    def fetch_order(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None when the channel knows none."""
        ...

    def find_order(self, number: str) -> RawRecord | None:
        """The order, as it stands now, of the number that its buyer sees, with or without `#`; None: there is none."""
        ...

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        """Translate (pure, no I/O). Raises BadRecord naming field, value and why."""
        ...

    def pull_refunds(self, cursor: str | None) -> Iterator[Page]:
        """Pages of refunds told at or after `cursor`, likewise; one that was told late comes too, though it is older.

        A refund may come again, also with other words. NotAllowed: the account may not read refunds; all else goes on.
        """
        ...

    def to_refunds(self, record: RawRecord) -> tuple[Refund, ...]:
        """Translate (pure, no I/O) a record of the kind "refund". Raises BadRecord naming field, value and why."""
        ...

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        """Verify the signature on the raw bytes, then read. Header names: lower case. Raises AuthFailed, BadRecord."""
        ...

    def prove_address(self, query: Mapping[str, str], address: str) -> str:
        """Answer the question by which the platform finds out whether the webhook address is ours: JSON text.

        Args:   query: of its GET. address: the webhook address as the platform knows it.
        Raises: BadInput: it asks nothing that we know.
        """
        ...

    def pull_listings(self) -> Iterator[ListingOffer]:
        """All listings of the shop."""
        ...

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """Write absolute numbers, at most `spec.max_stock_lines`; one answer per line, in the same order."""
        ...

    def read_stock(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the channel shows for these listings (only `listing_ref` and `place` of the lines are read)."""
        ...

    def push_shipment(self, dispatch: Dispatch, *, key: str) -> None:
        """Tell the channel that a parcel left. Repeating the same key has no second effect.

        With LAST_PARCEL, one that was told may come once more with a key of its own and `final`: it ends the order.
        """
        ...

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        """Accept or refuse an order in the channel's way. Repeating has no second effect."""
        ...

    def send_receipt(self, receipt: Receipt) -> None:
        """Send an acknowledgment made by `pull_orders`."""
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured channel with its secrets opened: what a connector is built from."""

    id: int
    name: str
    channel: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


ConnectorFactory = Callable[[Connection], Channel]
