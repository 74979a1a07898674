"""Has a platform send its notifications here: where to (a destination) and of what (subscriptions to it)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connectors.kit.hooks.registering import Register, Wanted, refusing, rest_put
from connectors.kit.values import Row, text_id
from connectors.kit.wire.http import Answer, Api
from connectors.kit.wire.paging import TokenPaging, asked
from hub.ports.channel import Finding

IN_USE = frozenset({404, 409})


@dataclass(frozen=True, slots=True)
class RestList:
    """A list of a REST API in which ours must stand: POST makes a row, PUT and DELETE at its id change and end it.

    path:    of the list.  rows: where an answer has it.  ref: a row's field of its id.
    paging:  how it is paged.  query: what is asked beside the page.
    refusal: what a person is told where the platform takes none of ours; its {error} is what the platform says.
    said:    what an error answer says, in the platform's words.
    """

    api: Api
    path: str
    rows: str
    ref: str
    paging: TokenPaging
    query: Mapping[str, str]
    refusal: str
    said: Callable[[object], str]

    def every(self) -> Iterator[Row]:
        """Every row. Raises ChannelDown; InvariantBroken where a page names one that came before."""
        return self.paging.every(asked(self.api.call, self.path, self.query), self.rows)

    def settle(self, wanted: Wanted, rows: Iterable[Row] | None = None) -> tuple[Finding, str]:
        """See that one of ours stands, as it must: the finding, and its id, "" where the platform did not take it.

        Args: rows: what stands there now; None: it is asked for.
        """
        put = rest_put(refusing(self.api.call, self.said), self.path, self.ref)
        found, row, answer = Register(self.every() if rows is None else rows, put, self.refusal).settle(wanted)
        return found, (self.id_of(row) if row else _made(answer)) if found.ok else ""

    def id_of(self, row: Row) -> str:
        """A row's id."""
        return text_id(row.get(self.ref))

    def drop(self, rows: Iterable[Row]) -> bool:
        """Delete these, but for those that are in use; whether any was."""
        told = [self.api.call("DELETE", f"{self.path}/{self.id_of(row)}", accept=IN_USE) for row in rows]
        return any(answer.status not in IN_USE for answer in told)


def delivered(
    places: RestList,
    wanted: Wanted,
    subscribe: Callable[[str], Iterable[Finding]],
    shown: Callable[[Row], Row] = lambda row: row,
) -> Iterator[Finding]:
    """See that our address stands among the destinations, then what goes to it, then that it stands there once.

    Doubles go last, once no subscription of ours needs them any more; one that another needs is kept.

    Args: wanted:    our address; it is ours by its endpoint alone, for another hub may have a connection of this name.
          subscribe: the id of the destination -> the findings of the subscriptions to it; not asked where it has none.
          shown:     a destination with what the platform leaves out when it shows one.
    """
    rows = [shown(row) for row in places.every()]
    place, ref = places.settle(wanted, rows)
    told = list(subscribe(ref)) if ref else []
    doubles = [row for row in wanted.ours(rows) if places.id_of(row) != ref] if ref else []
    yield replace(place, repaired=places.drop(doubles) or place.repaired)
    yield from told


def _made(answer: Answer) -> str:
    """The id of what was made: the end of its address."""
    return answer.headers.get("location", "").rstrip("/").rpartition("/")[2]
