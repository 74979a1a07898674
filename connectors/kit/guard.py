"""Stands between the hub and a connector that comes from another package: whatever fails in its code is told as its."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy.exc import SQLAlchemyError

from connectors.kit.registry import foreign_package
from hub.canonical.crash import crash_words
from hub.canonical.errors import ConnectorFault, StocklineError
from hub.canonical.order import Order
from hub.canonical.refund import Refund
from hub.ports.channel import Channel, Finding, ListingOffer, Page, StockAnswer, StockReading

log = logging.getLogger(__name__)
WALKED: Mapping[str, type] = {
    "pull_orders": Page, "pull_refunds": Page, "pull_listings": ListingOffer, "read_stock": StockReading,
}  # fmt: skip
"""Verbs that give one thing after the other while the hub works with them, and what they give."""
LISTED: Mapping[str, type] = {
    "check": Finding, "to_orders": Order, "to_refunds": Refund, "push_stock": StockAnswer,
}  # fmt: skip
"""Verbs that give all at once."""
_END = object()


def guarded(name: str, build: Callable[[], Channel]) -> Channel:
    """What `build` makes: a channel of ours as it is, one of another package behind a guard.

    Raises: ConnectorFault: the package failed while it was made. NotFound, Misconfigured.
    """
    package = foreign_package(name)
    if not package:
        return build()
    blame = _Blame(name, package)
    with blame.on("CONNECTOR"):
        return cast(Channel, _Guarded(build(), blame))


@dataclass(frozen=True, slots=True)
class _Blame:
    connector: str
    package: str

    @contextmanager
    def on(self, verb: str) -> Iterator[None]:
        """Errors of the contract, and a database that is away, go up as they are. Raises: ConnectorFault for others."""
        try:
            yield
        except (StocklineError, SQLAlchemyError):
            raise
        except Exception as error:
            log.exception("connector %s of the package %s failed in %s", self.connector, self.package, verb)
            words, kind = crash_words(error, self.package), type(error).__name__
            raise ConnectorFault(self.connector, self.package, verb, words, kind) from error


class _Guarded:
    """A channel all of whose verbs are watched, also while what they give is walked through."""

    def __init__(self, channel: Channel, blame: _Blame) -> None:
        self._channel, self._blame = channel, blame
        self.spec = channel.spec

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        method = getattr(self._channel, verb)

        def watched(*given: Any, **named: Any) -> Any:
            with self._blame.on(verb):
                found = method(*given, **named)
                if verb in LISTED:
                    return tuple(_sound(one, LISTED[verb]) for one in found)
            return self._walked(verb, found) if verb in WALKED else found

        return watched

    def _walked(self, verb: str, found: Iterable[Any]) -> Iterator[Any]:
        with self._blame.on(verb):
            rest = iter(found)
        while True:
            with self._blame.on(verb):
                one = next(rest, _END)
                if one is not _END:
                    _sound(one, WALKED[verb])
            if one is _END:
                return
            yield one


def _sound(one: Any, kind: type) -> Any:
    if not isinstance(one, kind):
        raise TypeError(f"it gives a {type(one).__name__} where a {kind.__name__} is wanted")
    return one
