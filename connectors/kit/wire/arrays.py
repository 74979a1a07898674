"""Lists that are bare JSON arrays: pages by number, and what says how many there are stands in a header, if at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.kit.values import Row, inside, rows_of
from connectors.kit.wire.http import Answer
from connectors.kit.wire.kept import Kept, kept_rows
from connectors.kit.wire.paging import numbered_rows, only
from hub.canonical.errors import ChannelDown

Ask = Callable[[Mapping[str, str]], Answer]
"""What names a page in a query -> the answer."""


def answered(call: Callable[..., Answer], path: str, query: Mapping[str, str] | None = None) -> Ask:
    """Asks a list of a REST API. `call`: `Api.call`, or one like it; `query`: what is asked beside the page."""
    return lambda page: call("GET", path, params={**(query or {}), **page})


@dataclass(frozen=True, slots=True)
class Arrays:
    """How a platform pages lists that are arrays; pages are numbered from 1.

    size_name, at_name: what a query calls a page's size and number.
    size:    rows of a page.
    pages:   header that says how many pages there are; where it is not there, a full page may have a next one.
    wrapped: what a proxy in front of the shop may put a list or an object below.
    keep:    whether rows keep their own bytes (`kept.py`), as orders do.
    """

    size_name: str = "per_page"
    at_name: str = "page"
    size: int = 100
    pages: str = ""
    wrapped: str = "data"
    keep: bool = False

    def rows(self, data: Any) -> list[Row]:
        """The objects of a list. Raises ChannelDown: a page of an error or of a cache is not an empty shop."""
        found = data if isinstance(data, list) else inside(data, self.wrapped)
        if not isinstance(found, list):
            raise ChannelDown("the shop sent something else than a list; is something that caches in front of its API?")
        return rows_of(found)

    def one(self, answer: Answer) -> Row:
        """The object of an answer. Raises ChannelDown."""
        wrapped = isinstance(inside(answer.data, self.wrapped), Mapping) and "id" not in answer.data
        found = only(answer.data, self.wrapped if wrapped else "")
        return Kept(found, answer.body) if self.keep else found

    def turn(self, ask: Ask, number: int = 1) -> tuple[list[Row], bool]:
        """(rows, whether more may follow) of the page with this number. Raises ChannelDown."""
        answer = ask({self.size_name: str(self.size), self.at_name: str(number)})
        found, pages = self.rows(answer.data), answer.headers.get(self.pages.lower(), "")
        more = bool(found) and number < int(pages) if pages.isdigit() else len(found) >= self.size
        return kept_rows(answer, found) if self.keep else found, more

    def every(self, ask: Ask, what: str) -> Iterator[Row]:
        """Every row of a list. Raises ChannelDown; InvariantBroken, naming `what`, where a page comes twice."""
        return numbered_rows(lambda number: self.turn(ask, number), what)
