"""The stock location that the hub writes to: the one of the settings, or the only one there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.canonical.errors import Misconfigured
from hub.canonical.told import told
from hub.ports.channel import Finding

Row = Mapping[str, Any]


class Places:
    """The stock location of one connection.

    Args: ask:    gives every location of the shop, with `id` and `name`.
          wanted: its id from the settings; "" takes the only one there is.
    """

    def __init__(self, ask: Callable[[], Sequence[Row]], wanted: str) -> None:
        self._ask, self._found = ask, wanted.strip()

    def location(self) -> str:
        """Its id. Raises Misconfigured naming the choices where the settings leave it open."""
        if not self._found:
            rows = self._ask()
            if len(rows) != 1:
                raise Misconfigured(f"location_id is not set and the shop has {_choices(rows)}; enter one of them")
            self._found = str(rows[0]["id"])
        return self._found

    def check(self) -> tuple[Finding, Row | None]:
        """Whether the location exists, and what the shop says of it."""
        try:
            wanted = self.location()
        except Misconfigured as error:
            return Finding("stock location", ok=False, mend=str(error)), None
        rows = self._ask()
        row = next((row for row in rows if str(row["id"]) == wanted), None)
        if row is None:
            mend = f"location_id {wanted} is not there; there is {_choices(rows)}"
            return Finding("stock location", ok=False, mend=mend), None
        return Finding(told(f"stock location {row['name']} ({wanted})"), ok=True), row


def _choices(rows: Sequence[Row]) -> str:
    return ", ".join(f"{row['name']} = {row['id']}" for row in rows) or "no stock location"
