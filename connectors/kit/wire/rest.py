"""Asks a REST API for one shop: what every call says of it, the platform's gaps between calls, lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from requests.auth import AuthBase

from connectors.kit.settings import call_gaps
from connectors.kit.values import filled
from connectors.kit.wire.http import Answer
from connectors.kit.wire.limiter import PATIENCE_S, Gaps
from connectors.kit.wire.opening import SHOP_URL, shop_api
from connectors.kit.wire.paging import Ask, asked
from hub.ports.channel import Connection, ConnectorSpec
from hub.ports.clock import utc_now


class RestClient:
    """The API of one shop, at the merchant's pace and with the gaps of the passport.

    setting:    that of the shop's address.
    patience_s: the longest gap that is waited for here, in seconds; the hub's claim on a stream must outlive all waits
                of one push.

    Args:   below, auth, headers: those of `shop_api`.
            scope: what every query says, such as which shop is meant; what is "" is left out.
            now:   aware UTC now.
    Raises: Misconfigured.
    """

    spec: ClassVar[ConnectorSpec]
    setting: ClassVar[str] = SHOP_URL
    patience_s: ClassVar[float] = PATIENCE_S

    def __init__(
        self,
        connection: Connection,
        now: Callable[[], datetime] = utc_now,
        below: str = "",
        *,
        auth: AuthBase | None = None,
        headers: Mapping[str, str] | None = None,
        scope: Mapping[str, str] | None = None,
    ) -> None:
        self.settings, self.now = connection.settings, now
        self._scope = filled(scope or {})
        self._gaps = Gaps(call_gaps(connection.settings, self.spec), patience=self.patience_s)
        self.api = shop_api(connection, self.spec, below, auth=auth, headers=headers, setting=self.setting)

    def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, gap: str = "", **more: Any
    ) -> Answer:
        """One call as this shop; the further arguments and errors are those of `Api.call`.

        Args: gap: the operation that it is, where the passport keeps its calls apart. Raises Throttled too.
        """
        self._gaps.take(gap)
        return self.api.call(method, path, params={**self._scope, **(params or {})}, **more)

    def asks(self, path: str, query: Mapping[str, str] | None = None, gap: str = "") -> Ask:
        """Asks a list page by page (`Paging`), whose pages are one use of the operation `gap`."""
        ask, first = asked(self.call, path, query), [gap]

        def kept(page: dict[str, str]) -> Any:
            self._gaps.take(first.pop() if first else "")
            return ask(page)

        return kept
