"""Calls of a GraphQL API at one address, behind a session or a key: reads, writes, and signing in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from connectors.kit.wire.graphql import GraphQLShop, error_codes, operation_name
from connectors.kit.wire.http import Answer, Api
from connectors.kit.wire.paging import Ask
from hub.canonical.errors import Misconfigured, NotFound


class GraphQLCalls(GraphQLShop):
    """A GraphQL API whose base address is that of `api`.

    A call that finds the session ended signs in once and is made again: the platform refuses before it does anything.

    signed_out: error codes of a call whose session ended.
    nowhere:    what is told where nothing answers at the address.
    Args: by_key: whether a key opens the door, which `api` carries; else `sign_in` does.
    """

    signed_out: ClassVar[Collection[str]] = ()
    nowhere: ClassVar[str]

    def __init__(self, api: Api, *, by_key: bool) -> None:
        super().__init__(api)
        self.by_key = by_key
        self._session: Mapping[str, str] | None = {} if by_key else None

    @abstractmethod
    def sign_in(self) -> Mapping[str, str]:
        """Make a session. Gives the headers that carry it, none where it is carried by cookies. Raises AuthFailed."""

    def query(self, document: str, variables: Mapping[str, Any]) -> Any:
        """Read; gives the object under `data`. Silence means that the shop is out of reach: a read changes nothing.

        Raises: what the platform's codes stand for, Throttled, ChannelDown, Misconfigured, InvariantBroken (our
                document is wrong).
        """
        return self.reading(lambda: self._asked(document, variables, retry=True))

    def lists(self, document: str, field: str, options: Mapping[str, Any]) -> Ask:
        """Asks a list page by page (`Paging`), of a query that takes `options`: those, and what names the page."""

        def ask(page: Mapping[str, str]) -> Any:
            place = {name: int(number) for name, number in page.items()}
            return self.query(document, {"options": {**options, **place}})[field]

        return ask

    def mutate(self, document: str, variables: Mapping[str, Any], *, absolute: bool = False) -> Any:
        """Write; gives the object under the one field. `absolute`: doing it twice leaves the same, so repeat it here.

        Raises: as `query`, and TimedOut: it may have happened.
        """
        return next(iter(self._asked(document, variables, retry=absolute).values()))

    def post(self, document: str, variables: Mapping[str, Any], *, retry: bool = True) -> Answer:
        """One call, as it is. Raises Misconfigured where nothing answers, and what the API does."""
        sent = {"query": document, "variables": variables, "operationName": operation_name(document)}
        try:
            return self._api.call("POST", "", json=sent, headers=self._session or {}, retry=retry, accept={400})
        except NotFound:
            raise Misconfigured(self.nowhere) from None

    def _asked(self, document: str, variables: Mapping[str, Any], *, retry: bool) -> Any:
        fresh = self._session is None
        if fresh:
            self._session = self.sign_in()
        body = self.body(self.post(document, variables, retry=retry))
        if error_codes(body) & set(self.signed_out) and not (self.by_key or fresh):
            self._session = None
            self._session = self.sign_in()
            body = self.body(self.post(document, variables, retry=retry))
        return self.data(body)
