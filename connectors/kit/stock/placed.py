"""Stock of shops that keep what lies at each of their locations, and what of it open orders reserve."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from connectors.kit.stock.listings import StockByListing
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, rows_of, text_id, whole, words
from hub.ports.channel import ListingOffer, StockLine


@dataclass(frozen=True, slots=True)
class Level(Shown):
    """What a thing shows at the location: what lies there is `number + reserved`. `row`: the thing."""

    reserved: int = 0
    row: Row | None = None


class StockAtPlace(StockByListing):
    """Listings and numbers at one location; what may be sold is what lies there less what open orders reserve.

    So what is written is our number and what is reserved beside it: reservations stay, and an order between reading
    and writing still lowers what may be sold.

    levels:  a thing's list of its locations, and their fields of location, pieces that lie there, pieces reserved.
    title:   a thing's field with its title.
    Args: location: gives the id of the location.
    """

    levels: ClassVar[tuple[str, str, str, str]]
    title: ClassVar[str] = "title"

    def __init__(self, location: Callable[[], str]) -> None:
        self._location = location

    @abstractmethod
    def every(self) -> Iterable[Row]:
        """Every thing of the shop."""

    def listings(self) -> Iterator[ListingOffer]:
        """Every thing; `available` is what may be sold from our location."""
        place = self._location()
        for row in self.every():
            number = self.at(row, place).number
            sku, title = words(row.get("sku")), words(row.get(self.title))
            yield ListingOffer(text_id(row.get("id")), sku, title, None, number, {"location_id": place})

    def level(self, row: Row, line: StockLine) -> Level:
        """What may be sold from the line's location."""
        return self.at(row, self.place_of(line))

    def place_of(self, line: StockLine) -> str:
        """The line's own location, else the one of the settings."""
        return line.place.get("location_id") or self._location()

    def at(self, row: Row, place: str) -> Level:
        """What a thing shows at a location; None where it has no level there."""
        name, location, lies, reserved = self.levels
        level = next((each for each in rows_of(row, name) if text_id(each.get(location)) == place), None)
        if level is None:
            return Level(None, row=row)
        held = whole(level.get(reserved), reserved) or 0
        return Level((whole(level.get(lies), lies) or 0) - held, reserved=held, row=row)

    def to_lie(self, line: StockLine, shown: Shown) -> int:
        """How many must lie at the location, so that the shop may sell the line's number."""
        return line.available + (shown.reserved if isinstance(shown, Level) else 0)
