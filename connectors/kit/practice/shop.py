"""What practice shops over HTTP share: a server, counted faults, delivered messages, and books to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from threading import RLock
from typing import Protocol

from connectors.kit.practice.deliverer import Deliverer
from connectors.kit.practice.sandbox import BookOrder, Faults, ShopItem, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer


class Refusal(Exception):
    """What a platform says instead of doing what a request asks; it becomes an answer in that platform's words."""

    def reply(self) -> Reply:
        """The whole answer."""
        raise NotImplementedError


class Books(Protocol):
    """What one shop sells, and what was ordered there."""

    lock: RLock

    def fill(self, items: Sequence[ShopItem]) -> None:
        """(Re)fill the shelves."""
        ...

    def book(self) -> Iterable[BookOrder]:
        """Every order."""
        ...

    def shown(self) -> Mapping[str, int]:
        """sku -> the number on sale."""
        ...


class ShopSandbox(ABC):
    """One shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args: faults:    shared or scripted faults.
          books:     the shop's own.
          deliverer: sends what the shop pushes; None: it pushes nothing.
    A platform sets `server`, whose answers come from `_answer`.
    """

    channel: str
    server: SandboxServer

    def __init__(self, faults: Faults, books: Books, deliverer: Deliverer | None = None) -> None:
        self.faults, self._books, self._deliverer = faults, books, deliverer

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]: ...

    @property
    @abstractmethod
    def secrets(self) -> Mapping[str, str]: ...

    def start(self, port: int = 0) -> None:
        self.server.port = port or self.server.port
        self.server.start()
        if self._deliverer:
            self._deliverer.start()

    def stop(self) -> None:
        if self._deliverer:
            self._deliverer.stop()
        self.server.stop()

    def outage(self, seconds: float) -> None:
        self.server.outage(seconds)

    def stock_shelves(self, items: Sequence[ShopItem]) -> None:
        with self._books.lock:
            self._books.fill(items)

    @abstractmethod
    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str: ...

    def edit_order(self, ref: str, sku: str, quantity: int) -> bool:
        with self._books.lock:
            return self._counted("order_edited", self._edit(ref, sku, quantity))

    def cancel_order(self, ref: str) -> bool:
        with self._books.lock:
            return self._counted("order_cancelled", self._cancel(ref))

    def change_stock_by_hand(self, sku: str, available: int) -> None:
        self.faults.count("manual_stock_change")
        with self._books.lock:
            self._set_by_hand(sku, available)

    def book(self) -> tuple[BookOrder, ...]:
        with self._books.lock:
            return tuple(self._books.book())

    def shown_stock(self) -> Mapping[str, int]:
        with self._books.lock:
            return self._books.shown()

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        """Change one line's quantity; False where it is too late, as always where nobody can change an order."""
        return False

    @abstractmethod
    def _cancel(self, ref: str) -> bool:
        """The buyer cancels; False where it is too late."""

    @abstractmethod
    def _set_by_hand(self, sku: str, available: int) -> None:
        """Overwrite the number on sale."""

    @abstractmethod
    def _do(self, request: Request) -> Reply:
        """What is asked. Raises Refusal."""

    def _answer(self, request: Request) -> Reply:
        try:
            return self._do(request)
        except Refusal as refusal:
            return refusal.reply()

    def _counted(self, fault: str, happened: bool) -> bool:
        if happened:
            self.faults.count(fault)
        return happened
