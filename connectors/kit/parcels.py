"""Parcels of platforms that want a tracking number and a carrier of their own list: each told once, after a look."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

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
        ask: Callable[[], Iterable[Mapping[str, Any]]],
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


class ParcelDesk(ABC):
    """Tells one shop of parcels. A connector says how its orders are looked at and told. `title`: the platform's."""

    title: ClassVar[str]

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel, unless the order has it already.

        Raises: NotFound; Conflict: it has no tracking number or known carrier, or the order may not leave; Rejected:
                what the platform says, such as of the number's form.
        """
        found = self._order(dispatch.order_ref)
        if found is None:
            raise NotFound(f"the shop has no order {dispatch.order_ref}, or has forgotten it")
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; {self.title} takes none without")
        if not self._told_before(dispatch, found):
            self._tell(dispatch, found, key)

    @abstractmethod
    def _order(self, ref: str) -> Mapping[str, Any] | None:
        """The order as it stands; None where the shop knows none."""

    @abstractmethod
    def _told_before(self, dispatch: Dispatch, found: Mapping[str, Any]) -> bool:
        """Whether the order has this parcel's number."""

    @abstractmethod
    def _tell(self, dispatch: Dispatch, found: Mapping[str, Any], key: str) -> None:
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
