"""Reads the body of a ruleset strictly: what is not a word of it is refused by its path, with what may stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from hub.canonical.errors import BadInput

T = TypeVar("T")
MICROS = 1_000_000


class Reader:
    """One section of a body. Each method reads one setting; `done` refuses what nobody asked for."""

    def __init__(self, body: object, path: str) -> None:
        if not isinstance(body, Mapping):
            raise BadInput(f"{path} = {body!r}: use a group of settings")
        self.body, self.path = body, path
        self._known: list[str] = []

    def _get(self, name: str) -> Any:
        self._known.append(name)
        return self.body.get(name)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def done(self) -> None:
        unknown = sorted(str(name) for name in self.body if name not in self._known)
        if unknown:
            raise BadInput(f"{self.at(unknown[0])}: no such setting; use {', '.join(self._known)}")

    def section(self, name: str, read: Callable[[Any, str], T], default: T) -> T:
        """A setting that another function reads, given the body and its path."""
        value = self._get(name)
        return default if value is None else read(value, self.at(name))

    def rows(self, name: str, read: Callable[[Any, str], T], default: tuple[T, ...] = ()) -> tuple[T, ...]:
        """A list whose entries another function reads."""
        value = self._get(name)
        if value is None:
            return default
        return tuple(read(row, f"{self.at(name)}[{n}]") for n, row in enumerate(a_list(value, self.at(name))))

    def word(self, name: str, default: str, allowed: Iterable[str]) -> str:
        value = self._get(name)
        return default if value is None else one_of(value, self.at(name), allowed)

    def text(self, name: str, default: str = "") -> str:
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise BadInput(f"{self.at(name)} = {value!r}: use a text")
        return value

    def texts(self, name: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of texts, sorted, each once."""
        value = self._get(name)
        if value is None:
            return ()
        return tuple(sorted(set(texts(value, self.at(name), allowed))))

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise BadInput(f"{self.at(name)} = {value!r}: use true or false")
        return value

    def whole(self, name: str, default: int, least: int = 0, most: int = 10**12) -> int:
        value = self._get(name)
        return default if value is None else a_whole(value, self.at(name), least, most)

    def maybe_whole(self, name: str, least: int = 0) -> int | None:
        value = self._get(name)
        return None if value is None else a_whole(value, self.at(name), least)

    def money(self, name: str, default: int = 0) -> int:
        """A decimal text such as "4.90" as micros."""
        value = self._get(name)
        return default if value is None else micros(value, self.at(name))

    def maybe_money(self, name: str) -> int | None:
        value = self._get(name)
        return None if value is None else micros(value, self.at(name))


def a_list(value: object, path: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadInput(f"{path} = {value!r}: use a list")
    return value


def texts(value: object, path: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
    rows = a_list(value, path)
    for n, row in enumerate(rows):
        if not isinstance(row, str):
            raise BadInput(f"{path}[{n}] = {row!r}: use a text")
        if allowed:
            one_of(row, f"{path}[{n}]", allowed)
    return tuple(rows)


def one_of(value: object, path: str, allowed: Iterable[str]) -> str:
    words = tuple(allowed)
    if not isinstance(value, str) or value not in words:
        raise BadInput(f"{path} = {value!r}: use one of {', '.join(words)}")
    return value


def a_whole(value: object, path: str, least: int = 0, most: int = 10**12) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadInput(f"{path} = {value!r}: use a whole number from {least} to {most}")
    return value


def micros(value: object, path: str) -> int:
    """Raises BadInput: not a decimal text, negative, or finer than a millionth."""
    try:
        amount = Decimal(value) * MICROS if isinstance(value, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10**15 or amount != int(amount):
        raise BadInput(f'{path} = {value!r}: use an amount of money as text, such as "4.90"')
    return int(amount)


def money_text(amount: int) -> str:
    """Micros as a decimal text of at least two places: 4900000 -> "4.90"."""
    sign, size = "-" * (amount < 0), abs(amount)
    places = f"{size % MICROS:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{size // MICROS}.{places}"
