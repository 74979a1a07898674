"""Parcels, each told once, after a look at the order; carriers by the platform's own list where it has one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from connectors.kit.values import Row
from hub.canonical.errors import BadRecord, Conflict, NotFound
from hub.ports.channel import ConnectorSpec, Dispatch, DispatchLine
from mappings.engine import table

DAY_S = 86_400.0


class Carriers:
    """What one platform calls the carriers: its list, asked for once a day, and our words for what it calls otherwise.

    Args: ask:   gives its list.
          names: fields of the list by which a merchant may name a carrier; `value`: the field that the platform takes.
          ours:  our words in lower case -> a row with the platform's `code`.
          clock: monotonic seconds.
    """

    def __init__(
        self,
        ask: Callable[[], Iterable[Row]],
        names: Sequence[str],
        value: str,
        ours: Mapping[str, Mapping[str, object]] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._names, self._value, self._ours, self._clock = ask, names, value, ours or {}, clock
        self._known: tuple[float, Mapping[str, str]] | None = None
        self.has_table = ours is not None

    def find(self, carrier: str) -> str | None:
        """What the platform takes for a carrier; None where it knows none of that name."""
        name, listed = carrier.strip().lower(), self._listed()
        return listed.get(name) or listed.get(str(self._ours.get(name, {}).get("code")).lower())

    def _listed(self) -> Mapping[str, str]:
        """Each name in lower case -> what the platform takes; of two with one name, the later field's counts."""
        if self._known is None or self._clock() - self._known[0] >= DAY_S:
            rows = list(self._ask())
            told = {
                str(row[name]).lower(): str(row[self._value])
                for name in self._names
                for row in rows
                if row.get(name) and row.get(self._value)
            }
            self._known = (self._clock(), told)
        return self._known[1]


def known_order(look: Callable[[str], Row | None], ref: str) -> Row:
    """The order as it stands now. Raises NotFound where the shop knows none.

    Args: look: id -> the order, None where the shop knows none.
    """
    found = look(ref)
    if found is None:
        raise NotFound(f"the shop has no order {ref}, or has forgotten it")
    return found


def refuse_dead(dispatch: Dispatch, state: object, dead: Collection[object]) -> None:
    """Raises Conflict where the order is in a state in which no parcel of it may be told."""
    if state in dead:
        raise Conflict(f"order {dispatch.order_ref} is {state} at the shop; the parcel is not told")


def whole_pieces(lines: Iterable[DispatchLine], ref: Callable[[str], str] = str) -> Counter[str]:
    """Line -> pieces of it in a parcel, for platforms that count in whole ones. Raises BadRecord: it is no such number.

    Args: ref: what the platform calls a line.
    """
    pieces: Counter[str] = Counter()
    for line in lines:
        if line.quantity != int(line.quantity) or line.quantity <= 0:
            raise BadRecord("quantity", line.quantity, "expected a whole number of pieces from 1 on")
        pieces[ref(line.line_ref)] += int(line.quantity)
    return pieces


class Platform(Protocol):
    """What is asked of a platform for its parcels; a `SignedGateway` with `order` is one."""

    spec: ClassVar[ConnectorSpec]
    settings: Mapping[str, str]

    def order(self, ref: str) -> Row | None:
        """The order as it stands now; None where the shop knows none."""


Gateway = TypeVar("Gateway", bound=Platform)


class ParcelDesk(ABC, Generic[Gateway]):
    """Tells one shop of parcels. A connector says what its orders were told before, and how one is told.

    title:        the platform's name.
    names, value: those of `Carriers`.
    ours:         whether its mapping has our words for carriers: a table `carriers`, with `code`.
    """

    title: ClassVar[str]
    names: ClassVar[Sequence[str]] = ("name", "code")
    value: ClassVar[str] = "code"
    ours: ClassVar[bool] = True

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        words = table(gateway.spec.name, "carriers", gateway.settings).rows if self.ours else None
        self._carriers = Carriers(self._listed, self.names, self.value, words)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel, unless the order has it already.

        Raises: NotFound; Conflict: it has no tracking number or known carrier, or the order may not leave; Rejected:
                what the platform says, such as of the number's form.
        """
        found = known_order(self._gateway.order, dispatch.order_ref)
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; {self.title} takes none without")
        if not self._told_before(dispatch, found):
            self._tell(dispatch, found, key)

    @abstractmethod
    def _listed(self) -> Iterable[Row]:
        """The carriers that the platform lists."""

    @abstractmethod
    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        """Whether the order has this parcel's number."""

    @abstractmethod
    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        """Tell it. Raises Conflict where the order may not leave."""

    def _carrier(self, dispatch: Dispatch) -> str:
        """What the platform takes for the parcel's carrier. Raises Conflict."""
        code = self._carriers.find(dispatch.carrier)
        if code is None and self._carriers.has_table:
            raise Conflict(
                f"{self.title} knows no carrier {dispatch.carrier!r}: name it as its list of carriers does, or add a "
                "row to the table carriers of its mapping, and replay the message"
            )
        if code is None:
            raise Conflict(
                f"{self.title} knows no carrier {dispatch.carrier!r}; parcel {dispatch.shipment_no} is not told: name "
                "the carrier as its list of carriers does, and replay the message"
            )
        return code
