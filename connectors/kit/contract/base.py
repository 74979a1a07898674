"""What all parts of the contract share: the hooks a channel fills in, and the scaffolding around its sandbox."""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import pytest

from connectors.kit import registry
from connectors.kit.contract.receiver import Delivery
from connectors.kit.practice.sandbox import BookOrder, Sandbox, ShopItem, Shopper
from hub.canonical.errors import (
    ChannelDown,
    Retryable,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.canonical.order import Order
from hub.ports.channel import (
    AnswerLine,
    Can,
    Channel,
    Connection,
    Dispatch,
    DispatchLine,
    OrderAnswer,
    RawRecord,
    Receipt,
    StockLine,
)

CANARY = "canary-5d1e-not-the-secret"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ALWAYS = 500
MANY = 120
MUTANTS = 1000
ITEMS = (
    ShopItem("MUG-RED", "Mug, red", "12.50", 40, "4006381333931"),
    ShopItem("MUG-BLUE", "Mug, blue", "12.50", 40),
    ShopItem("TEA-GREEN", "Green tea 测试", "7.90", 300),
)
SHOPPER = Shopper("Renée Müller", "renee@example.com", "Hauptstraße 1", "Berlin", "BE", "10115", "DE", "+49 30 1234567")
VERBS: Mapping[Can, Callable[[Any], object]] = {
    Can.PULL_ORDERS: lambda c: list(c.pull_orders(None)),
    Can.FETCH_ORDER: lambda c: c.fetch_order("1"),
    Can.FIND_ORDER: lambda c: c.find_order("1"),
    Can.PULL_REFUNDS: lambda c: list(c.pull_refunds(None)),
    Can.WEBHOOKS: lambda c: c.read_webhook({}, b"{}"),
    Can.PROVE_ADDRESS: lambda c: c.prove_address({}, "https://hub.example/webhooks/x"),
    Can.PULL_LISTINGS: lambda c: list(c.pull_listings()),
    Can.PUSH_STOCK: lambda c: c.push_stock([]),
    Can.READ_STOCK: lambda c: list(c.read_stock([])),
    Can.PUSH_SHIPMENT: lambda c: c.push_shipment(None, key="k"),
    Can.SEND_RECEIPT: lambda c: c.send_receipt(Receipt("k", {})),
}


class Strange(NamedTuple):
    """A record that cannot be understood, and the field and value that its BadRecord must name."""

    record: RawRecord
    field: str
    value: str


def needs(*verbs: Can) -> Callable[..., Any]:
    """Marks a test that applies only to channels whose passport declares these verbs."""
    return pytest.mark.needs(*verbs)


class ContractBase:
    """Hooks and scaffolding; the tests are in the neighboring modules."""

    # ---- hooks ----

    signature_header = ""
    """The webhook header that carries the signature, in lower case (only for Can.WEBHOOKS)."""

    shown_place: Mapping[str, str] = {"postal_code": "10115", "city": "Berlin"}
    """Of `SHOPPER`'s address, what the channel tells in clear (field of the canonical address -> text)."""

    first_parcel = "partial"
    """What the shop's book calls an order once the first of two parcels left: "shipped" where that one ships it all."""

    def make_sandbox(self) -> Sandbox:
        """A new sandbox, not started, without faults."""
        raise NotImplementedError

    def make_channel(self, sandbox: Sandbox, secrets: Mapping[str, str] | None = None) -> Channel:
        """The channel that talks to `sandbox`."""
        opened = sandbox.secrets if secrets is None else secrets
        return registry.build(Connection(1, "contract", sandbox.channel, dict(sandbox.settings), dict(opened)))

    def bad_secrets(self, sandbox: Sandbox) -> Mapping[str, str]:
        """Wrong credentials; each holds CANARY."""
        return {name: CANARY for name in sandbox.secrets}

    def point_webhooks(self, sandbox: Sandbox, url: str) -> None:
        """What a person does on the platform to have webhooks sent to `url`; nothing where `check` registers them."""

    def future_cursor(self) -> str:
        """A cursor that lies after every order."""
        raise NotImplementedError

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        """From now on the sandbox says after every page that one more follows, and sends the same again."""
        raise NotImplementedError

    def stop_clock(self, sandbox: Sandbox) -> None:
        """From now on all that happens in the shop has one time."""
        raise NotImplementedError("stop_clock in contract.py: stop the practice shop's clock")

    def unknown_status(self, record: RawRecord) -> Strange:
        """`record` with a status that no platform knows."""
        raise NotImplementedError

    def tracking(self, number: str) -> str:
        """How the platform keeps the tracking number of parcel `number`, which we tell as TRACK-`number`."""
        return f"TRACK-{number}"

    def unknown_listing(self, sandbox: Sandbox) -> StockLine:
        """A stock line for a listing that the shop does not have."""
        raise NotImplementedError

    # ---- scaffolding ----

    @pytest.fixture
    def sandbox(self) -> Iterator[Sandbox]:
        sandbox = self.make_sandbox()
        sandbox.start()
        try:
            sandbox.stock_shelves(ITEMS)
            yield sandbox
        finally:
            sandbox.stop()

    @pytest.fixture
    def channel(self, sandbox: Sandbox) -> Channel:
        return self.make_channel(sandbox)

    def name(self) -> str:
        return self.make_sandbox().channel

    def folder(self) -> Traversable:
        return files(registry.package_of(self.name()))

    def quality(self) -> dict[str, Any]:
        """What `quality.toml` says; nothing where the package has none."""
        file = self.folder() / "quality.toml"
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def not_for_us(self, test: str, verbs: Sequence[Can]) -> tuple[str, str]:
        """Why one of the contract's tests is left out, ("", "") where it is not.

        Returns: ("not applicable", the verbs that are not declared), else ("exempt", the reason in `quality.toml`).
        """
        undeclared = [verb for verb in verbs if verb not in registry.spec(self.name()).can]
        if undeclared:
            return "not applicable", f"does not declare {', '.join(undeclared)}"
        exempt: str = self.quality().get("exempt", {}).get(test, "")
        return ("exempt", exempt) if exempt else ("", "")

    def order(self, channel: Channel, ref: str) -> Order:
        """The newest state of one order, pulled and translated."""
        found = [
            order
            for page in channel.pull_orders(None)
            for record in page.records
            if record.kind == "order" and record.problem is None
            for order in channel.to_orders(record)
            if order.channel_ref == ref
        ]
        assert found, f"order {ref} was not pulled"
        return found[-1]

    def book(self, sandbox: Sandbox, ref: str) -> BookOrder:
        return next(order for order in sandbox.book() if order.ref == ref)

    def stock_lines(self, channel: Channel, numbers: Mapping[str, int], **more: Any) -> list[StockLine]:
        offers = {offer.sku: offer for offer in channel.pull_listings()}
        return [
            StockLine(offers[sku].listing_ref, number, f"stock:1:{sku}:1", sku, place=offers[sku].place, **more)
            for sku, number in numbers.items()
        ]

    def dispatch(self, order: Order, number: str, lines: list[int], *, final: bool) -> Dispatch:
        """A parcel with everything of the numbered lines."""
        taken = tuple(
            DispatchLine(line.channel_ref, line.quantity, line.listing_ref, line.sku, line.uom, line.quantity)
            for line in (order.lines[at] for at in lines)
        )
        return Dispatch(
            order.channel_ref, order.number, number, "DHL", f"TRACK-{number}", NOW, taken, final, "BER",
            order=order.to_dict(),
        )  # fmt: skip

    def word(self, order: Order, *, accepted: bool) -> OrderAnswer:
        lines = tuple(
            AnswerLine(
                line.channel_ref, line.quantity, line.quantity if accepted else Decimal(0), line.listing_ref, line.sku,
                line.uom, line.unit_price,
            )
            for line in order.lines
        )  # fmt: skip
        reason = "" if accepted else "out of stock"
        return OrderAnswer(order.channel_ref, order.number, accepted, reason, lines, NOW, order.to_dict())


def records(pages: Any) -> list[RawRecord]:
    return [record for page in pages for record in page.records if record.kind == "order"]


def twice(refs: Iterable[str]) -> list[str]:
    """Those that come more than once."""
    return [ref for ref, times in Counter(refs).items() if times > 1]


def raws(pages: Any) -> list[tuple[str, bytes]]:
    return [(record.ref, record.raw) for record in records(pages)]


def tolerant(call: Any) -> Any:
    """The result, or None where the outcome is unknown or another try may work."""
    try:
        return call()
    except Retryable:
        return None


def until_done(call: Any) -> None:
    """Repeat as the hub would, with the same key, until it is done."""
    last: StocklineError | None = None
    for _ in range(12):
        try:
            call()
        except (TimedOut, ChannelDown, Throttled) as error:
            last = error
        else:
            return
    raise AssertionError(f"never done: {last}")


def mutants(good: Delivery, signature_header: str) -> Iterator[Delivery]:
    """MUTANTS copies, each with one bit of the body or of the signature flipped; seeded."""
    dice = random.Random(7)
    for count in range(MUTANTS):
        body, signature = bytearray(good.body), bytearray(good.headers[signature_header].encode())
        target = body if count % 2 else signature
        target[dice.randrange(len(target))] ^= 1 << dice.randrange(7)
        yield replace(good, headers=good.headers | {signature_header: signature.decode("latin-1")}, body=bytes(body))
