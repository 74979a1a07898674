"""Speaks GraphQL with one Vendure server: signs in, sorts errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.settings import given
from connectors.kit.wire.graphql_calls import GraphQLCalls
from connectors.kit.wire.http import Api
from connectors.kit.wire.opening import shop_api
from connectors.kit.wire.paging import Paging
from connectors.vendure.documents import LOGIN
from connectors.vendure.spec import SPEC
from hub.canonical.errors import AuthFailed, ChannelDown, Conflict, Misconfigured, NotFound
from hub.canonical.told import told
from hub.ports.channel import Connection

LIST = Paging("take", "skip", total="totalItems")
TOKEN = "vendure-auth-token"  # noqa: S105 - the name of a header


class GraphQL(GraphQLCalls):
    """One server's Admin API, in one of its channels.

    An API key belongs to no administrator, of whom Vendure could tell the rights.

    Args: user: name and password; none: the requests carry an API key.
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
    signed_out = ("FORBIDDEN", "UNAUTHORIZED")
    nowhere = told("no Vendure answers there; check shop_url and admin_path")

    def __init__(self, api: Api, user: str, password: str) -> None:
        super().__init__(api, by_key=not user)
        self._user = {"username": user, "password": password}

    def sign_in(self) -> Mapping[str, str]:
        """A server that hands out cookies instead of bearer tokens is followed, too."""
        answer = self.post(LOGIN, self._user)
        login = self.data(self.body(answer))["login"]
        if login["__typename"] != "CurrentUser":
            words = self._api.scrubbed(str(login.get("message")))
            raise AuthFailed(f"Vendure refused user name or password: {words}")
        token = answer.headers.get(TOKEN, "")
        return {"Authorization": f"Bearer {token}"} if token else {}


def refused(answer: Mapping[str, Any], wanted: str, what: str) -> None:
    """Raise Conflict with Vendure's words where a mutation did not answer with the type `wanted`."""
    if answer["__typename"] != wanted:
        more = [answer.get(name) for name in ("message", "transitionError", "fulfillmentHandlerError", "stockOnHand")]
        words = "; ".join(str(word) for word in more if word is not None)[:300]
        code = answer.get("errorCode")
        raise Conflict(f"Vendure refused {what}: {words} ({code})")


def open_graph(connection: Connection) -> GraphQL:
    """The Admin API of a connection. Raises Misconfigured naming what is missing."""
    user, password, path, channel = given(connection, SPEC, "username", "password", "admin_path", "channel_token")
    headers = {"vendure-api-key": "" if user else password, "vendure-token": channel}
    below = f"/{path.strip('/')}"
    api = shop_api(connection, SPEC, below, headers={name: value for name, value in headers.items() if value})
    return GraphQL(api, user, password)
