"""Stock of shops that are asked for many listings at once, or product by product; absolute numbers either way."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from connectors.kit.stock.shown import AbsoluteStock, Shown
from connectors.kit.values import Row, parts
from hub.canonical.errors import Rejected
from hub.canonical.told import told
from hub.ports.channel import StockAnswer, StockLine

Gateway = TypeVar("Gateway")
NO_PRODUCT = told("its product is not known: read the listings again")


class StockByListing(AbsoluteStock):
    """Stock of a shop that answers for several listings in one call. `at_once`: for how many at the most."""

    at_once: ClassVar[int] = 100

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> what the shop shows; each listing is asked for once."""
        found = dict[str, Row]()
        for refs in parts(sorted({self.ref_of(line) for line in lines} - {""}), self.at_once):
            found |= self.rows(refs)
        chosen = ((at, line, found.get(self.ref_of(line))) for at, line in enumerate(lines))
        return {at: self.level(row, line) for at, line, row in chosen if row is not None}

    @abstractmethod
    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        """Listing -> what the shop says of it; those it does not know are missing."""

    @abstractmethod
    def level(self, row: Row, line: StockLine) -> Shown:
        """What a row shows for a line."""


class StockByLine(AbsoluteStock):
    """Stock of a channel that is asked for one listing at a time."""

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> what the channel shows."""
        found = ((at, self.level_of(line)) for at, line in enumerate(lines))
        return {at: level for at, level in found if level is not None}

    @abstractmethod
    def level_of(self, line: StockLine) -> Shown | None:
        """What the channel shows of a line's listing, or why it needs no asking; None where it has none."""


class StockByProduct(AbsoluteStock, Generic[Gateway]):
    """Stock of a platform that shows a product with all its SKUs; `gateway` asks it.

    place: what names the product in a line's place.
    """

    place: ClassVar[str]

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> what the platform shows; each product is asked for once.

        What the platform says against a product is told for its lines; one without a product is to be read again.
        """
        found = {product: self._asked(product) for product in dict.fromkeys(map(self.product_of, lines))}
        levels = ((at, found[self.product_of(line)](line.listing_ref)) for at, line in enumerate(lines))
        return {at: level for at, level in levels if level is not None}

    def product_of(self, line: StockLine) -> str:
        """The product of a line; "" where it names none."""
        return line.place.get(self.place, "")

    @abstractmethod
    def levels(self, product: str) -> Mapping[str, Shown]:
        """Listing -> what the platform shows, of one product. Raises Rejected: what it says against the product."""

    def _asked(self, product: str) -> Callable[[str], Shown | None]:
        """Listing -> what the platform shows of it, for the listings of one product."""
        if not product:
            return lambda _: Shown(None, NO_PRODUCT)
        try:
            return self.levels(product).get
        except Rejected as error:
            refused = Shown(None, str(error))
            return lambda _: refused


def together(
    lines: Mapping[int, StockLine], key: Callable[[StockLine], str], size: int
) -> Iterator[tuple[str, dict[int, StockLine]]]:
    """Lines that may be told in one call: (what they have in common, at most `size` of them by place)."""
    groups = dict[str, list[int]]()
    for at, line in lines.items():
        groups.setdefault(key(line), []).append(at)
    for common, places in groups.items():
        for some in parts(places, size):
            yield common, {at: lines[at] for at in some}


def all_refused(lines: Mapping[int, StockLine], why: str, *, retry: bool = False) -> dict[int, StockAnswer]:
    """The answer to lines that were told in one call: none was taken for this reason; nothing where there is none."""
    return {at: StockAnswer(line.listing_ref, False, why, retry=retry) for at, line in lines.items()} if why else {}


def by_groups(
    lines: Mapping[int, StockLine],
    key: Callable[[StockLine], str],
    size: int,
    write: Callable[[str, Sequence[StockLine]], object],
) -> dict[int, StockAnswer]:
    """Write lines of one group with a call of its own: place -> answer, for those that were refused.

    Args: key, size: those of `together`.
          write: (what they have in common, the lines) tells them; Rejected becomes the answer to each of these lines,
                 and the other groups are written all the same.
    """
    answers = dict[int, StockAnswer]()
    for common, some in together(lines, key, size):
        try:
            write(common, list(some.values()))
        except Rejected as error:
            answers |= all_refused(some, str(error))
    return answers


def one_by_one(
    lines: Mapping[int, StockLine], write: Callable[[int, StockLine], StockAnswer | None]
) -> dict[int, StockAnswer]:
    """Write each line with a call of its own: place -> answer, for those that have one.

    Args: write: (place, line) -> the channel's answer, None where the number is to be read back; Rejected becomes the
                 line's answer, and its neighbors are written all the same.
    """
    answers = {at: _answered(at, line, write) for at, line in lines.items()}
    return {at: answer for at, answer in answers.items() if answer}


def _answered(at: int, line: StockLine, write: Callable[[int, StockLine], StockAnswer | None]) -> StockAnswer | None:
    try:
        return write(at, line)
    except Rejected as error:
        return StockAnswer(line.listing_ref, False, str(error))


def variant_title(product: str | None, variant: str | None) -> str | None:
    """A variant's title, with its product's before it unless it says that itself."""
    if not product or (variant and product in variant):
        return variant
    return f"{product} - {variant}" if variant else product
