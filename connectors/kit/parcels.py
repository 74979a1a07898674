"""Parcels, each told once, after a look at the order; carriers by the platform's own list where it has one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import ClassVar

from connectors.kit.values import Row
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch

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


class ParcelDesk(ABC):
    """Tells one shop of parcels. A connector says what its orders were told before, and how one is told.

    Args: look:     id -> the order as it stands now, None where the shop knows none.
          carriers: those of the platform, whose name is `title`.
    """

    title: ClassVar[str]

    def __init__(self, look: Callable[[str], Row | None], carriers: Carriers) -> None:
        self._look, self._carriers = look, carriers

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel, unless the order has it already.

        Raises: NotFound; Conflict: it has no tracking number or known carrier, or the order may not leave; Rejected:
                what the platform says, such as of the number's form.
        """
        found = known_order(self._look, dispatch.order_ref)
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; {self.title} takes none without")
        if not self._told_before(dispatch, found):
            self._tell(dispatch, found, key)

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
