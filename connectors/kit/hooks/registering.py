"""Keeps registered what a shop is to send us: makes what is missing, mends what stands otherwise, drops doubles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from connectors.kit.values import Row, text_id
from connectors.kit.wire.http import Answer
from hub.canonical.errors import NotFound, Rejected
from hub.ports.channel import Finding

REFUSED = frozenset({400, 403, 404, 409})
"""What a platform answers to a write that it does not take."""
Put = Callable[[Row | None, Row], Any]
"""(the row to change, None to make one; its fields) -> what the shop answers. Raises Rejected, in the shop's words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that must stand in a shop's list: a webhook of one topic, a subscription, an address.

    fine:   what is told where it stands as it must, such as Finding("webhook order.created", True).
    shown:  fields that it must have, as the shop shows them.
    known:  fields by which a row is ours, in one way or another, the surest first; none: by all that it shows.
    hidden: what is told with them and never compared, such as a secret, which no shop shows.
    new:    what is told beside of a new one only.
    """

    fine: Finding
    shown: Row
    known: Sequence[Row] = ()
    hidden: Row = field(default_factory=dict)
    new: Row = field(default_factory=dict)

    def ours(self, rows: Iterable[Row]) -> list[Row]:
        """Those that are ours, the one to keep first: it stands as it must, or is the surest."""
        ways = self.known or (self.shown,)
        found = [(next((at for at, way in enumerate(ways) if _shows(row, way)), None), row) for row in rows]
        ranked = [(not self.stands(row), at, row) for at, row in found if at is not None]
        return [row for _, _, row in sorted(ranked, key=lambda each: each[:2])]

    def stands(self, row: Row) -> bool:
        """Whether the row is as it must be."""
        return _shows(row, self.shown)


def _shows(shown: Any, wanted: Any) -> bool:
    """Whether a row shows these fields; of objects in it, too, only those that are named count."""
    if isinstance(wanted, Mapping) and isinstance(shown, Mapping):
        return all(name in shown and _shows(shown[name], value) for name, value in wanted.items())
    return bool(shown == wanted)


class Settled(NamedTuple):
    """What became of one: the finding, the row that stood there (None: none was ours), what the shop answered."""

    finding: Finding
    row: Row | None
    answer: Any = None


class Register:
    """A list of one shop in which ours stand.

    Args: rows:    what stands there now, others' too.
          put:     changes a row, or makes one.
          refusal: what a person is told where the shop does not take one; its {error} is what the shop says.
          drop:    deletes a double; None where the shop takes none, or one may be in use. Raises as `put`.
    """

    def __init__(
        self, rows: Iterable[Row], put: Put, refusal: str, drop: Callable[[Row], object] | None = None
    ) -> None:
        self._rows, self._put, self._refusal, self._drop = list(rows), put, refusal, drop

    def settle(self, wanted: Wanted) -> Settled:
        """See that one of ours stands, as it must, and no double. Raises what the shop's API does, but for Rejected."""
        ours = wanted.ours(self._rows)
        row = next(iter(ours), None)
        stands = row is not None and wanted.stands(row)
        told = {**wanted.shown, **wanted.hidden, **(wanted.new if row is None else {})}
        try:
            answer = None if stands else self._put(row, told)
            dropped = self._without(ours[1:])
        except Rejected as error:
            return Settled(replace(wanted.fine, ok=False, mend=self._refusal.format(error=error)), row)
        return Settled(replace(wanted.fine, repaired=dropped or not stands), row, answer)

    def _without(self, doubles: Sequence[Row]) -> bool:
        """Delete these; whether there were any."""
        if self._drop is None:
            return False
        for row in doubles:
            with suppress(NotFound):  # somebody else was faster
                self._drop(row)
        return bool(doubles)


def rest_put(call: Callable[..., Answer], path: str, id_name: str = "id") -> Put:
    """The `put` of a REST API: POST to the list, PUT to the row below it. `call`: `Api.call`, or one like it."""

    def put(row: Row | None, fields: Row) -> Answer:
        if row is None:
            return call("POST", path, json=fields)
        return call("PUT", f"{path}/{text_id(row.get(id_name))}", json=fields)

    return put


def refusing(
    call: Callable[..., Answer], said: Callable[[object], str], refused: Collection[int] = REFUSED
) -> Callable[..., Answer]:
    """The same call, which raises Rejected in the platform's own words where it does not take what is written.

    Args: said: what an error answer says, "" where it says nothing; then its status is told.
    """

    def told(method: str, path: str, **more: Any) -> Answer:
        answer = call(method, path, accept=refused, **more)
        if answer.status in refused:
            raise Rejected(said(answer.data) or str(answer.status))
        return answer

    return told
