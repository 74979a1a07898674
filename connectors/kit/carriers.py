"""What a platform calls the carriers: its own list, asked for once a day, and our words for what it calls otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

DAY_S = 86_400.0


class Carriers:
    """The carriers of one platform.

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
