"""Stands between the hub and a connector that comes from another package: whatever fails in its code is told as its."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast, get_args, get_origin, get_type_hints

from sqlalchemy.exc import SQLAlchemyError

from connectors.kit.registry import foreign_package
from connectors.kit.soundness import unsound
from hub.canonical.crash import crash_words
from hub.canonical.errors import ConnectorFault, StocklineError
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Channel, StockAnswer, StockLine

log = logging.getLogger(__name__)
ANSWERS: Mapping[str, Any] = {
    verb: get_type_hints(method, include_extras=True)["return"]
    for verb, method in vars(BaseChannel).items() if not verb.startswith("_")
}  # fmt: skip
"""What each verb of the port gives. An iterator gives one thing after the other while the hub works with them."""
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


class Unsound(TypeError):
    """A verb gave something else than the port says, or another number of it."""


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
        except Unsound as fault:
            log.error("connector %s of the package %s in %s: %s", self.connector, self.package, verb, fault)
            raise ConnectorFault(self.connector, self.package, verb, str(fault), "Unsound") from None
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
        return self._watched(verb, getattr(self._channel, verb), ANSWERS.get(verb, Any))

    def _watched(self, verb: str, method: Callable[..., Any], hint: Any) -> Callable[..., Any]:
        in_turn = get_origin(hint) is Iterator

        def watched(*given: Any, **named: Any) -> Any:
            with self._blame.on(verb):
                found = method(*given, **named)
                if not in_turn:
                    return _sound(_whole(found, hint), hint)
            return self._walked(verb, found, *get_args(hint))

        return watched

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """As the port says; the hub settles each line by its answer."""
        push = self._watched("push_stock", self._channel.push_stock, ANSWERS["push_stock"])
        answers: tuple[StockAnswer, ...] = push(lines)
        with self._blame.on("push_stock"):
            _one_each(lines, answers)
        return answers

    def _walked(self, verb: str, found: Iterable[Any], hint: Any) -> Iterator[Any]:
        with self._blame.on(verb):
            rest = iter(found)
        while True:
            with self._blame.on(verb):
                one = next(rest, _END)
                if one is not _END:
                    _sound(one, hint)
            if one is _END:
                return
            yield one


def _whole(found: Any, hint: Any) -> Any:
    """What is told all at once, walked through: a list does as well as a tuple."""
    return tuple(found) if get_origin(hint) is tuple and isinstance(found, Iterable) else found


def _sound(one: Any, hint: Any) -> Any:
    wrong = unsound(one, hint)
    if wrong:
        raise Unsound(f"it gave {wrong}")
    return one


def _one_each(lines: Sequence[StockLine], answers: Sequence[StockAnswer]) -> None:
    wanted, given = (Counter(one.listing_ref for one in group) for group in (lines, answers))
    for ref in (wanted | given) - (wanted & given):
        raise Unsound(f"it gave {given[ref]} answers for listing {ref[:40]} where {wanted[ref]} is wanted")
