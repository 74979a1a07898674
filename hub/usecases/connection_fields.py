"""What a connection's name, settings and secrets must look like, judged by its connector's passport."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hub.canonical.errors import BadInput
from hub.canonical.told import told
from hub.ports.channel import ConnectorSpec, Field
from hub.rules.callbacks import CALLBACK, FOLLOWS
from hub.rules.pacing import quota_faults
from hub.rules.selling import soft_minutes

KEPT = frozenset({"allow_mass_zero", CALLBACK, FOLLOWS})
"""Settings that the hub writes itself; other commands change them."""
COMMON = ("calls_per_day", "lag_permille", "quota_zone", "soft_minutes")
"""Settings that a person may set of every channel's connections."""
OURS = KEPT | set(COMMON)
"""Settings that connections of every channel have beside the connector's."""
LONGEST_NAME = 80
LONGEST = 4000
"""Characters of one setting."""
UNREADABLE = frozenset({"long", "signs"})
"""What is wrong with texts that no connector is asked about."""


def trimmed(texts: Mapping[str, str]) -> dict[str, str]:
    """The same without blanks around the values."""
    return {name: text.strip() for name, text in texts.items()}


def laid_over(spec: ConnectorSpec, stored: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The passport's defaults, under what is stored, under what is given; an empty text gives way to the default."""
    kept = {name: str(text) for name, text in stored.items() if name not in given}
    filled = {name: text for name, text in given.items() if text}
    return defaults(spec) | kept | filled


def check_fields(
    spec: ConnectorSpec, name: str, settings: Mapping[str, str], secrets: Collection[str], on_shortage: str,
    given: Collection[str] = (), further: Callable[[], Mapping[str, str]] = dict,
    unread: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Args: secrets: the names of those that are given or stored.
             given:   the settings that are given now; only the hub itself writes those in `KEPT`.
             further: what the connector finds wrong: field -> sentence; asked where every text can be read.
             unread:  what was given in a way that cannot be read: field -> sentence.

    Raises: BadInput: `fields` has a code word or a sentence for each wrong field: "name", "on_shortage", "settings.x",
            "secrets.x"; the message has a sentence for each, and so has `faults`.
    """
    wrong = dict(_wrong(spec, name, settings, {*secrets, *_secrets_of(unread)}, on_shortage))
    wrong |= {field: why for field, why in unread.items() if wrong.get(field) != "unknown"}
    wrong |= {f"settings.{field}": "kept" for field in KEPT & set(given)}
    wrong |= dict(_unknown("settings", spec.settings, set(given) - OURS))
    if UNREADABLE.isdisjoint(wrong.values()):
        wrong |= _new(further(), wrong)
    if wrong:
        faults = _faults(spec, name, wrong)
        raise BadInput("; ".join(faults), wrong, faults)


def _secrets_of(fields: Collection[str]) -> set[str]:
    return {field.removeprefix("secrets.") for field in fields if field.startswith("secrets.")}


def _new(further: Mapping[str, str], wrong: Collection[str]) -> dict[str, str]:
    """What the connector says of fields of which nothing is said yet."""
    known = {sentence for field, sentence in further.items() if field in wrong}
    return {field: sentence for field, sentence in further.items() if sentence not in known}


def defaults(spec: ConnectorSpec) -> dict[str, str]:
    """What holds where nobody says anything, by the passport: name of the setting -> text."""
    ours = {"soft_minutes": spec.soft_minutes} if spec.soft_minutes else {}
    return ours | {field.name: field.default for field in spec.settings if field.default}


def _wrong(
    spec: ConnectorSpec, name: str, settings: Mapping[str, str], secrets: Collection[str], on_shortage: str
) -> Iterator[tuple[str, str]]:
    signs = set(name) - set("-_.")
    if not signs or not all(char.isalnum() for char in signs) or len(name) > LONGEST_NAME:
        yield "name", "name"
    if on_shortage not in ("hold", "refuse"):
        yield "on_shortage", "choice"
    given = {field for field, text in settings.items() if text}
    yield from _missing("settings", spec.settings, given)
    yield from _missing("secrets", spec.secrets, secrets)
    yield from _unknown("settings", spec.settings, set(settings) - OURS)
    yield from _unknown("secrets", spec.secrets, secrets)
    yield from _ours(settings)
    yield from _beside_choices(spec, settings)
    for field, text in settings.items():
        if len(text) > LONGEST:
            yield f"settings.{field}", "long"
        elif any(char < " " or "\ud800" <= char <= "\udfff" for char in text):
            yield f"settings.{field}", "signs"


def _ours(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """In sentences: what would be right cannot be read off a code word."""
    lag = settings.get("lag_permille", "")
    if lag and not re.fullmatch("[0-9]{1,3}", lag):
        yield "settings.lag_permille", told(f"lag_permille = {lag[:80]!r}: use a whole number from 0 to 999")
    for name, words in quota_faults(settings.get("calls_per_day", ""), settings.get("quota_zone", "")).items():
        yield f"settings.{name}", words
    try:
        soft_minutes(settings.get("soft_minutes", ""))
    except BadInput as error:
        yield "settings.soft_minutes", str(error)


def _beside_choices(spec: ConnectorSpec, settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field in spec.settings:
        if field.choices and settings.get(field.name) and settings[field.name] not in field.choices:
            yield f"settings.{field.name}", "choice"


def _missing(kind: str, fields: Sequence[Field], given: Collection[str]) -> Iterator[tuple[str, str]]:
    return ((f"{kind}.{f.name}", "missing") for f in fields if f.required and not f.default and f.name not in given)


def _unknown(kind: str, fields: Sequence[Field], given: Collection[str]) -> Iterator[tuple[str, str]]:
    return ((f"{kind}.{name}", "unknown") for name in sorted(set(given) - {f.name for f in fields}))


def _faults(spec: ConnectorSpec, name: str, wrong: Mapping[str, str]) -> list[str]:
    """A sentence for each fault; where a name is unknown, also which there are."""
    faults = dict.fromkeys(_fault(spec, name, field, code) for field, code in sorted(wrong.items()))
    return [*faults, *(_all_there_is(spec) if "unknown" in wrong.values() else ())]


def _fault(spec: ConnectorSpec, name: str, field: str, code: str) -> str:
    kind, _, own = field.partition(".")
    what = f"{kind.removesuffix('s')} {own}"
    choices = next((" or ".join(f.choices) for f in spec.settings if f.name == own), "hold or refuse")
    words = {
        "name": f"connection name {name[:LONGEST_NAME]!r}: use letters, digits, '-', '_' and '.', at most "
                f"{LONGEST_NAME} (it is part of its webhook address)",
        "choice": f"{what if own else field}: use {choices}",
        "missing": f"{what} is missing",
        "unknown": f"there is no {what}",
        "kept": f"{what} is written by the hub itself only",
        "long": f"{what} is longer than {LONGEST} characters",
        "signs": f"{what} holds a character that is no text, such as a line break",
    }  # fmt: skip
    return words.get(code, code)


def _all_there_is(spec: ConnectorSpec) -> tuple[str, str]:
    settings = ", ".join([*(field.name for field in spec.settings), *COMMON])
    return f"settings of {spec.name}: {settings}", f"secrets: {', '.join(f.name for f in spec.secrets) or 'none'}"
