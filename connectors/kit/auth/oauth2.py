"""OAuth 2.0 with a refresh token: access tokens are kept in memory, renewed before they end, and once when refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import requests
from requests.auth import AuthBase

from connectors.kit.wire.http import Api
from hub.canonical.errors import AuthFailed, ChannelDown, TimedOut

EARLY_S = 120.0
USUAL_LIFE_S = 3600.0
Grant = tuple[str, float]
"""An access token, and for how many seconds it is good."""


def refresh_grant(api: Api, path: str, form: Mapping[str, str]) -> Grant:
    """Trade a refresh token for an access token (RFC 6749, section 6).

    Args:   api: of the token endpoint; its `auth` tells the application's id and secret.
            form: `grant_type`, `refresh_token` and what the platform wants besides.
    Raises: AuthFailed with the platform's words; ChannelDown where the answer holds no token.
    """
    try:
        answer = api.call("POST", path, data=form, accept={400, 401, 403}, retry=True)
    except TimedOut as silence:  # a token more does no harm
        raise ChannelDown(str(silence)) from None
    told = answer.data if isinstance(answer.data, Mapping) else {}
    if answer.status >= 400:
        said = " ".join(str(told[name]) for name in ("error", "error_description") if told.get(name))
        raise AuthFailed(f"the refresh token was not taken: {api.scrubbed(said) or answer.status}")
    token, life = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ChannelDown("the token endpoint sent no access token")
    return token, float(life) if isinstance(life, int) and life > 0 else USUAL_LIFE_S


class Refreshed(AuthBase):
    """Marks each request with an access token. Safe to share between threads.

    Args: fetch:   gets a new token.  clock: seconds, monotonic.
          header:  where the token goes, behind `before`.
          refused: status of an answer to a token that has ended.
    """

    def __init__(
        self,
        fetch: Callable[[], Grant],
        *,
        header: str = "Authorization",
        before: str = "Bearer ",
        refused: Collection[int] = (401,),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._clock, self._lock = fetch, clock, threading.Lock()
        self._header, self._before, self._refused = header, before, refused
        self._token, self._until = "", 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = f"{self._before}{self._good_token()}"
        request.register_hook("response", self._once_more)  # type: ignore[no-untyped-call]
        return request

    def _good_token(self, refused: str = "") -> str:
        """The token at hand, or a new one where it ends soon or is the one that was refused."""
        with self._lock:
            if not self._token or self._token == refused or self._clock() >= self._until:
                self._token, life = self._fetch()
                self._until = self._clock() + life - min(EARLY_S, life / 2)
            return self._token

    def _once_more(self, response: requests.Response, **sending: Any) -> requests.Response:
        """A request that was refused so had no effect: it goes out again, once, with a new token."""
        if response.status_code not in self._refused:
            return response
        refused = str(response.request.headers[self._header]).removeprefix(self._before)
        response.close()
        again = response.request.copy()
        again.headers[self._header] = f"{self._before}{self._good_token(refused)}"
        return response.connection.send(again, **sending)
