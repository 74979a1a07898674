"""What open platforms with one signed address have in common: a token that is renewed, and codes that become errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from connectors.kit.http import Api
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, Rejected, StocklineError, Throttled, TimedOut
from hub.canonical.faults import unfit
from hub.canonical.told import told
from hub.ports.channel import Connection, ConnectorSpec, Finding

Row = Mapping[str, Any]
Codes = Sequence[tuple[type[StocklineError], Collection[int | str]]]
"""Which error a refusal becomes: the first row with its code, or with the beginning of its sub-code; else Rejected."""
Trial = tuple[Finding, str, Row]
"""A permission, as it is told where it is there, and a call (method, parameters) that shows it and changes nothing."""
Answer = TypeVar("Answer")


class StaleToken(AuthFailed):
    """The token is over: a renewed one may do."""


class NotGranted(AuthFailed):
    """The app may not use this call."""


class SignedGateway(ABC, Generic[Answer]):
    """One app at an open platform, for one shop. A connector says how a call is asked, and where tokens come from.

    Args:   address: of the gateway, where the setting `gateway_url` names no other.
    Raises: Misconfigured where a setting cannot be.
    """

    codes: ClassVar[Codes]

    def __init__(self, connection: Connection, spec: ConnectorSpec, address: str, now: Callable[[], datetime]) -> None:
        pace = calls_per_second(connection.settings, spec)
        self._bucket, self.now = Bucket(pace, size=2 * pace), now
        url = connection.settings.get("gateway_url", "").strip() or address
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

    def write(self, method: str, params: Row, *, retry: bool = False) -> Answer:
        """One call; where the token is over, once more with a renewed one. Raises TimedOut too.

        Args: retry: repeating it does not matter.
        """
        try:
            return self._ask(method, params, self._token(), retry)
        except StaleToken:
            return self._ask(method, params, self._renewed(), retry)

    @abstractmethod
    def _token(self) -> str:
        """The token at hand, or a new one."""

    @abstractmethod
    def _renewed(self) -> str:
        """A new token in place of one that is over. Raises AuthFailed where a person must authorize the app again."""

    @abstractmethod
    def _ask(self, method: str, params: Row, token: str, retry: bool) -> Answer:
        """One signed call, without a token where it is ""; what it gives stands in the answer's envelope."""

    def _wait_s(self, said: str) -> float:
        """How long a limit lasts, by what the platform says of it."""
        return 1.0

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


def granted(gateway: SignedGateway[Any], trials: Iterable[Trial]) -> Iterator[Finding]:
    """A finding for each call: whatever the platform says against it comes after the permission.

    Raises: AuthFailed where it is not the permission that is missing.
    """
    for allowed, method, params in trials:
        try:
            gateway.read(method, params)
        except NotGranted as error:
            mend = told(
                f"the app may not call {method}: apply for its permission package (权限包), then authorize it again: "
                f"{error}"
            )
            yield replace(allowed, ok=False, mend=mend)
        except Rejected:
            yield allowed
        else:
            yield allowed


def required(values: Mapping[str, str], name: str) -> str:
    """A setting or secret that must be there. Raises Misconfigured."""
    return values.get(name, "").strip() or unfit(f"{name} must be set: the open platform shows it", "")
