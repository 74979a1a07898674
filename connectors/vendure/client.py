"""Speaks GraphQL with one Vendure server: signs in, signs in again when its session ended, sorts errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.graphql import GraphQLShop, error_codes, operation_name
from connectors.kit.http import Answer, Api
from connectors.kit.opening import shop_api
from connectors.vendure.documents import LOGIN
from connectors.vendure.spec import SPEC
from hub.canonical.errors import AuthFailed, ChannelDown, Conflict, Misconfigured, NotFound
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

TOKEN = "vendure-auth-token"  # noqa: S105 - the name of a header
SIGNED_OUT = frozenset({"FORBIDDEN", "UNAUTHORIZED"})


class GraphQL(GraphQLShop):
    """One server's Admin API, in one of its channels.

    A call that finds the session ended signs in once and is made again: Vendure refuses before it does anything.

    Args: api:  base address is the Admin API itself.
          user: name and password; None: the requests carry an API key.
    """

    title = "Vendure"
    errors = {
        "FORBIDDEN": lambda words: AuthFailed(f"the user's role or the API key does not allow it: {words}"),
        "UNAUTHORIZED": lambda words: AuthFailed(f"Vendure refused the user: {words}"),
        "CHANNEL_NOT_FOUND": lambda words: Misconfigured(f"channel_token names no channel of this shop: {words}"),
        "ENTITY_NOT_FOUND": lambda words: NotFound(f"Vendure does not have it: {words}"),
        "ILLEGAL_OPERATION": lambda words: Conflict(f"Vendure does not allow it: {words}"),
        "USER_INPUT_ERROR": lambda words: Conflict(f"Vendure refused it: {words}"),
        "INTERNAL_SERVER_ERROR": lambda words: ChannelDown(f"Vendure failed: {words}"),
    }

    def __init__(self, api: Api, user: tuple[str, str] | None) -> None:
        super().__init__(api)
        self._user = user
        self._token: str | None = None

    @property
    def by_key(self) -> bool:
        """Whether an API key opens the door; it belongs to no administrator, of whom Vendure could tell the rights."""
        return self._user is None

    def query(self, document: str, variables: Mapping[str, Any]) -> Any:
        """Read; gives the object under `data`. Silence means that the shop is out of reach: a read changes nothing.

        Raises: AuthFailed, Throttled, ChannelDown, Misconfigured, NotFound, InvariantBroken (our document is wrong).
        """
        return self.reading(lambda: self._asked(document, variables, retry=True))

    def mutate(self, document: str, variables: Mapping[str, Any], *, absolute: bool = False) -> Any:
        """Write; gives the object under the one field. `absolute`: doing it twice leaves the same, so repeat it here.

        Raises: as `query`, and TimedOut: it may have happened.
        """
        return next(iter(self._asked(document, variables, retry=absolute).values()))

    def _asked(self, document: str, variables: Mapping[str, Any], *, retry: bool) -> Any:
        fresh = self._user is not None and self._token is None
        if fresh:
            self._sign_in()
        body = self.body(self._post(document, variables, retry))
        if error_codes(body) & SIGNED_OUT and self._user is not None and not fresh:
            self._sign_in()
            body = self.body(self._post(document, variables, retry))
        return self.data(body)

    def _sign_in(self) -> None:
        """A new session; a server that hands out cookies instead of bearer tokens is followed, too."""
        name, password = self._user or ("", "")
        self._token = None
        answer = self._post(LOGIN, {"username": name, "password": password}, retry=True)
        login = self.data(self.body(answer))["login"]
        if login["__typename"] != "CurrentUser":
            words = self._api.scrubbed(str(login.get("message")))
            raise AuthFailed(f"Vendure refused user name or password: {words}")
        self._token = answer.headers.get(TOKEN, "")

    def _post(self, document: str, variables: Mapping[str, Any], retry: bool) -> Answer:
        sent = {"query": document, "variables": variables, "operationName": operation_name(document)}
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._api.call("POST", "", json=sent, headers=headers, retry=retry, accept={400})
        except NotFound:
            raise Misconfigured("no Vendure answers there; check shop_url and admin_path") from None
        return answer


def refused(answer: Mapping[str, Any], wanted: str, what: str) -> None:
    """Raise Conflict with Vendure's words where a mutation did not answer with the type `wanted`."""
    if answer["__typename"] != wanted:
        more = [answer.get(name) for name in ("message", "transitionError", "fulfillmentHandlerError", "stockOnHand")]
        words = "; ".join(str(word) for word in more if word is not None)[:300]
        code = answer.get("errorCode")
        raise Conflict(f"Vendure refused {what}: {words} ({code})")


def open_graph(connection: Connection) -> GraphQL:
    """The Admin API of a connection. Raises Misconfigured naming what is missing."""
    settings, secrets = connection.settings, connection.secrets
    user, password = settings.get("username", "").strip(), secrets.get("password", "").strip()
    if not password:
        unfit("password is not set; enter the user's password, or an API key", None)
    headers = {"vendure-api-key": "" if user else password, "vendure-token": secrets.get("channel_token", "").strip()}
    path = settings.get("admin_path", "").strip().strip("/") or "admin-api"
    api = shop_api(connection, SPEC, f"/{path}", headers={name: value for name, value in headers.items() if value})
    return GraphQL(api, (user, password) if user else None)
