"""What the tests ask of a real shop, whichever it is: the people there order, cancel, give back and mend by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol


class RealShop(Protocol):
    """One running shop. States are told in the shop's own words.

    channel, settings, secrets: how the hub connects to it.
    """

    channel: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]

    def stock_shelves(self, shelves: Mapping[str, int]) -> None:
        """One product a SKU with so many pieces, each at 19.99 without the 19 % tax."""

    def place(self, *basket: tuple[str, int]) -> str:
        """A guest orders and pays; gives the order's id."""

    def state(self, ref: str) -> str:
        """Where the order stands, as its merchant sees it."""

    def parcels(self, ref: str) -> list[str]:
        """Tracking numbers, sorted, one for each fulfillment; another word for one that did not leave."""

    def on_sale(self, sku: str) -> int:
        """What may be sold over all locations."""

    def set_on_hand(self, sku: str, pieces: int) -> None:
        """Somebody types a number into the shop's own dashboard."""

    def take_off(self, ref: str, sku: str, pieces: int) -> None:
        """The merchant cancels some pieces of a line."""

    def cancel(self, ref: str) -> None:
        """The merchant cancels what is left of an order."""

    def refund(self, ref: str, amount: Decimal) -> None:
        """The merchant gives money back."""

    def money(self, ref: str) -> tuple[Decimal, Decimal]:
        """(paid, given back) in major units."""

    def close(self) -> None:
        """Leave; the server runs on."""
