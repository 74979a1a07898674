"""What open platforms with one signed address have in common: a token that is renewed, and codes that become errors."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from connectors.kit.auth.oauth2 import Grant
from connectors.kit.settings import given
from connectors.kit.values import Row, inside
from connectors.kit.wire.http import Api
from connectors.kit.wire.opening import own_pace
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, StocklineError, Throttled, TimedOut
from hub.canonical.told import told
from hub.ports.channel import Connection, ConnectorSpec, Finding
from hub.ports.clock import utc_now

Codes = Sequence[tuple[type[StocklineError], Collection[int | str]]]
"""Which error a refusal becomes: the first row with its code, or with the beginning of its sub-code; else Rejected."""
Trial = tuple[Finding, str, Row]
"""A permission, as it is told where it is there, and a call (method, parameters) that shows it and changes nothing."""
Answer = TypeVar("Answer")
CHINA = ZoneInfo("Asia/Shanghai")
"""The time of the Chinese platforms, which write it without saying so."""


class StaleToken(AuthFailed):
    """The token is over: a renewed one may do."""


class NotGranted(AuthFailed):
    """The app may not use this call."""


class SignedGateway(ABC, Generic[Answer]):
    """One app at an open platform, for one shop. A connector says how a call is asked, and where tokens come from.

    Its address is the setting `gateway_url`.
    codes:   what its refusals mean.  wait_s: how long a limit of its lasts, as far as it does not say.
    spare_s: so long before its end a token is renewed, in seconds; one of a shorter life after half of it.
    Raises: Misconfigured where a setting cannot be.
    """

    spec: ClassVar[ConnectorSpec]
    codes: ClassVar[Codes]
    wait_s: ClassVar[float] = 1.0
    spare_s: ClassVar[float] = 1800.0

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        self._bucket, self.now = own_pace(connection.settings, self.spec), now
        self.settings, self._access, self._until = connection.settings, "", math.inf
        (url,) = given(connection, self.spec, "gateway_url")
        secrets = [each for each in connection.secrets.values() if each]
        self._api = Api(url, limiter=self._bucket, secrets=secrets, now=now, setting="gateway_url")

    def read(self, method: str, params: Row) -> Answer:
        """Ask something. A read changes nothing: silence means out of reach.

        Raises: AuthFailed, Misconfigured, Throttled, ChannelDown, Rejected: what the platform says.
        """
        try:
            return self.write(method, params, retry=True)
        except TimedOut as error:
            raise ChannelDown(str(error), error.retry_after) from None

    def found(self, method: str, params: Row, *names: str, gone: Collection[str] = ("",)) -> Row | None:
        """The object below these names of an answer; None where there is none, or the platform says that it is gone.

        Args: gone: what one of its refusals holds then; every refusal means it where nothing else is said.
        Raises: as `read`.
        """
        try:
            told = inside(self.read(method, params), *names)
        except Rejected as error:
            if not any(word in str(error) for word in gone):
                raise
            return None
        return told if isinstance(told, Mapping) else None

    def asks(self, method: str, params: Row | None = None) -> Callable[[Row], Answer]:
        """Asks a list page by page (`Paging`). `params`: what is asked beside the page."""
        return lambda page: self.read(method, {**(params or {}), **page})

    def write(self, method: str, params: Row, *, retry: bool = False) -> Answer:
        """One call; where the token is over, once more with a renewed one. Raises TimedOut too.

        Args: retry: repeating it does not matter.
        """
        try:
            return self._ask(method, params, self._access if self._holds() else self.renew(), retry)
        except StaleToken:
            return self._ask(method, params, self.renew(), retry)

    def renew(self) -> str:
        """Get a new token, which lives as long as this connection is open, and give it. Raises AuthFailed."""
        self._access, life_s = self._new_token()
        self._until = self.now().timestamp() + life_s - min(self.spare_s, life_s / 2)
        self._api.hide(self._access)
        return self._access

    def _holds(self) -> bool:
        """Whether the token at hand is good, as far as is known here."""
        return bool(self._access) and self.now().timestamp() <= self._until

    @abstractmethod
    def _new_token(self) -> Grant:
        """A new token, and how long it is good. Raises AuthFailed where a person must authorize the app again."""

    @abstractmethod
    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Answer:
        """One signed call, without a token where it is ""; what it gives stands in the answer's envelope."""

    def _wait_s(self, said: str) -> float:
        """How long a limit lasts, by what the platform says of it."""
        return self.wait_s

    def _refusal(self, method: str, code: Any, sub: str, said: str) -> StocklineError:
        """What a refusal means for us, in the platform's words and without any secret."""
        message = f"{method}: {self._api.scrubbed(said)}"
        kind = next((kind for kind, known in self.codes if _fits(known, code, sub)), Rejected)
        if issubclass(kind, Throttled):
            wait = self._wait_s(said)
            self._bucket.throttled(wait)
            return Throttled(message, retry_after=wait)
        if issubclass(kind, Misconfigured):
            return Misconfigured(f"{message}: check this machine's clock, and the app's IP white list (IP白名单)")
        return kind(message)


def _fits(known: Collection[int | str], code: Any, sub: str) -> bool:
    return any(sub.startswith(each) if isinstance(each, str) else str(each) == str(code) for each in known)


Gateway = TypeVar("Gateway", bound=SignedGateway[Any])


class AppCheckup(Generic[Gateway]):
    """The check of one shop on such a platform: app and token first, then each call, then what a connector adds.

    entrance: what is told where app and token are good.
    calls:    a call for each permission; what the platform says against it comes after the permission.
    mend:     what a person does about those that are refused; its {error} is what the platform says.
    """

    entrance: ClassVar[Finding]
    mend: ClassVar[str]
    calls: ClassVar[Sequence[Trial]] = ()

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """Findings in the order in which a person would mend them; refused credentials end them."""
        try:
            found = (self.entrance, *(_permission(self._gateway, *trial) for trial in self.trials()))
        except (AuthFailed, Misconfigured) as error:
            return (replace(self.entrance, ok=False, mend=self.mend.format(error=error)),)
        return (*found, *self.further(callback_url))

    def trials(self) -> Iterable[Trial]:
        """Its `calls`, and those that are made anew each time."""
        return self.calls

    def further(self, callback_url: str | None) -> Iterable[Finding]:
        """What is to be looked at beside the permissions."""
        return ()


def _permission(gateway: SignedGateway[Any], allowed: Finding, method: str, params: Row) -> Finding:
    try:
        gateway.read(method, params)
    except NotGranted as error:
        mend = told(
            f"the app may not call {method}: apply for its permission package (权限包), then authorize it again: "
            f"{error}"
        )
        return replace(allowed, ok=False, mend=mend)
    except Rejected:
        pass
    return allowed
