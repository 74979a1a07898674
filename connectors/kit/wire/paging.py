"""Asks for lists page by page: what a platform calls its pages is said once, in its connector's client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.kit.orders.feed import offset_pages
from connectors.kit.values import Row, inside, rows_of, text_id
from connectors.kit.wire.http import Answer
from hub.canonical.errors import ChannelDown, InvariantBroken

Ask = Callable[[dict[str, str]], Any]
"""What names a page in a query -> the answer's data."""


def asked(call: Callable[..., Answer], path: str, query: Mapping[str, str] | None = None) -> Ask:
    """Asks a list of a REST API. `call`: `Api.call`, or one like it; `query`: what is asked beside the page."""
    return lambda page: call("GET", path, params={**(query or {}), **page}).data


@dataclass(frozen=True, slots=True)
class Paging:
    """How a platform pages its lists.

    size_name, at_name: what a query calls a page's size and its place.
    size:   rows of a page.
    first:  the number of the first page; None where the place is how many rows to pass over.
    total:  where an answer says how many rows there are in all.
    silent: whether it leaves out the list and its number where there is nothing.
    rows:   the rows below a name of an answer.
    """

    size_name: str
    at_name: str
    size: int = 100
    first: int | None = None
    total: str = "total"
    silent: bool = False
    rows: Callable[[Any, str], list[Row]] = rows_of

    def query(self, passed: int) -> dict[str, str]:
        """What asks for the page after the first `passed` rows."""
        at = passed if self.first is None else passed // self.size + self.first
        return {self.size_name: str(self.size), self.at_name: str(at)}

    def page(self, ask: Ask, name: str, passed: int = 0) -> tuple[list[Row], int]:
        """(rows of the list `name`, how many there are in all) of one page.

        Raises: ChannelDown where the answer is no such list: a page of an error or of a cache is not an empty shop.
        """
        data = ask(self.query(passed))
        rows, total = self.rows(data, name), inside(data, self.total)
        listed = bool(rows) or isinstance(inside(data, name), list)
        if isinstance(total, int) and (listed or self.silent or not total):
            return rows, total
        if self.silent and isinstance(data, Mapping) and total is None and not rows:
            return [], 0
        raise ChannelDown(f"the shop sent something else than a list of {name} with their number ({self.total})")

    def turn(self, ask: Ask, name: str, number: int) -> tuple[list[Row], bool]:
        """(rows, whether more follow) of the page with this number, from 1. Raises as `page`."""
        rows, total = self.page(ask, name, (number - 1) * self.size)
        return rows, number * self.size < total

    def pages(self, ask: Ask, name: str) -> Iterator[Sequence[Row]]:
        """Every page of a list. Raises ChannelDown; InvariantBroken where a page comes twice.

        Pages with numbers are asked for one after the other up to the last that the number of rows makes: a page with
        fewer rows does not stop them, and a shop that gives its last page again for the one behind it is not asked.
        """
        if self.first is None:
            return (rows for rows, _ in offset_pages(partial(self.page, ask, name), name))
        return numbered_pages(partial(self.turn, ask, name), name)

    def every(self, ask: Ask, name: str) -> Iterator[Row]:
        """Every row of a list. Raises as `pages`."""
        return (row for rows in self.pages(ask, name) for row in rows)


Turn = Callable[[int], tuple[Sequence[Row], bool]]
"""Number of a page, from 1 -> its rows, and whether more follow."""


def numbered_pages(ask: Turn, what: str) -> Iterator[Sequence[Row]]:
    """Every page of a list that says whether more follow, not how many there are; empty ones are passed over.

    Raises: InvariantBroken, naming `what`, where a page comes twice.
    """
    number, more, before = 1, True, list[Row]()
    while more:
        rows, more = ask(number)
        if rows and list(rows) == before:
            raise InvariantBroken(f"{what}: page {number} is page {number - 1} again")
        if rows:
            yield rows
        number, before = number + 1, list(rows)


def numbered_rows(ask: Turn, what: str) -> Iterator[Row]:
    """Every row of such a list. Raises as `numbered_pages`."""
    return (row for rows in numbered_pages(ask, what) for row in rows)


def token_rows(ask: Callable[[str], tuple[Sequence[Row], str]], what: str) -> Iterator[Row]:
    """Every row of a list of which each page names the next.

    Args:   ask: token of a page, "" for the first -> its rows, and the token of the next, "" after the last.
    Raises: InvariantBroken, naming `what`, where a page names one that came before.
    """
    token, seen = "", set[str]()
    while token not in seen:
        seen.add(token)
        rows, token = ask(token)
        yield from rows
        if not token:
            return
    raise InvariantBroken(f"{what}: the page after {token} came before")


@dataclass(frozen=True, slots=True)
class TokenPaging:
    """How a platform pages its lists where each page names the next.

    at_name: what a query calls a page's token.
    next: where an answer names the next one, by its token or by an address with that token in its query.
    """

    at_name: str
    next: str

    def every(self, ask: Ask, name: str) -> Iterator[Row]:
        """Every row of the list `name`. Raises ChannelDown; InvariantBroken where a page names one that came before."""

        def page(token: str) -> tuple[list[Row], str]:
            data = only(ask({self.at_name: token} if token else {}))
            return rows_of(data, name), self._token(text_id(data.get(self.next)))

        return token_rows(page, name)

    def _token(self, following: str) -> str:
        """The token in what an answer names as the next page; "" where an address holds none."""
        address = urlsplit(following)
        return parse_qs(address.query).get(self.at_name, [""])[0] if address.query else following


def only(data: Any, name: str = "") -> Row:
    """The object in an answer, below `name` where it has one. Raises ChannelDown."""
    found = inside(data, name) if name else data
    if not isinstance(found, Mapping):
        raise ChannelDown(f"the shop sent something else than one {name or 'object'}")
    return found


def known(
    call: Callable[..., Answer], path: str, name: str = "", *, absent: Collection[int] = (404,), **more: Any
) -> Row | None:
    """The object at a path, below `name` where the answer has one; None where the shop has none.

    Args: call:   `Api.call`, or one like it; `more`: its further arguments.
          absent: statuses that say so; to some platforms an id that cannot be is a bad request.
    Raises: ChannelDown, and what the call does.
    """
    answer = call("GET", path, accept=absent, **more)
    return None if answer.status in absent else only(answer.data, name)
