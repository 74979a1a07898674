"""Says the hub's own messages (errors, problems of a file, reasons of a hold) in the person's language.

They are made in English, with their values in them, and kept so. A catalog has them as templates (`told_texts`): a
message is recognized by its fixed words, and its values go to their places in the other language, said in their turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from hub.pages.brought import PLACE, brought
from hub.pages.i18n import SOURCE, TOLD, TOLD_BY_CHANNELS, catalog, translations
from hub.pages.labels import LABELS, label
from hub.rules.reasons import reason_words

STATES = ("order", "fulfillment", "transfer", "count", "import", "proposal", "ruleset", "lies")
"""Labels of the words that stand in a place named state or status."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One template: `fixed`, its longest fixed part, finds it fast; `weight`: how many of its characters are fixed."""

    pattern: re.Pattern[str]
    words: str
    fixed: str
    weight: int
    places: int


@lru_cache(maxsize=8192)
def said(text: str, language: str) -> str:
    """The message in that language; what no template knows stays as it is."""
    if language == SOURCE or not text:
        return text
    known = translations(language).gettext(text)
    if known != text:
        return known
    found = _match(text, language, lists=False)
    parts = text.split("; ")
    if found is None and len(parts) > 1 and all(_match(part, language, lists=False) for part in parts):
        return "；".join(said(part, language) for part in parts)
    return found or _match(text, language, lists=True) or text


def _match(text: str, language: str, *, lists: bool) -> str | None:
    """By the template with most fixed characters; no value may hold several sentences, but with `lists` later ones."""
    for form in _forms(language):
        found = form.pattern.fullmatch(text) if form.fixed in text else None
        if found and not any("; " in found[at] and not (lists and found.start(at)) for at in range(1, form.places + 1)):
            return _filled(form.words, found.groupdict(), language)
    return None


def _filled(words: str, values: Mapping[str, str], language: str) -> str:
    return PLACE.sub(lambda place: _value(place[1], values[place[1]], language), words)


def _value(name: str, value: str, language: str) -> str:
    if name.rstrip("0123456789") in ("state", "status"):
        kind = next((kind for kind in STATES if value in LABELS[kind]), "")
        return translations(language).gettext(label(kind, value))
    if name == "reason" and value in LABELS["reject"]:
        return translations(language).gettext(label("reject", value))
    return said(value, language) if " " in value else value


@cache
def _forms(language: str) -> tuple[_Form, ...]:
    messages = (*catalog(language, TOLD), *catalog(language, TOLD_BY_CHANNELS))
    ours = {str(message.id): str(message.string) for message in messages if message.id}
    others = {text: words for text, words in brought(language) if PLACE.search(text)}
    forms = [_form(text, words) for text, words in (others | ours).items()]
    return tuple(sorted(forms, key=lambda form: -form.weight))


def _form(template: str, words: str) -> _Form:
    fixed = PLACE.split(template)[::2]
    names = PLACE.findall(template)
    parts = [(name, re.escape(part)) for name, part in zip(names, fixed[1:], strict=True)]
    # A value ends where the next fixed part begins first, without trying again: long texts take no longer for it.
    pattern = re.escape(fixed[0]) + "".join(f"(?>(?P<{name}>.*?){part})" for name, part in parts[:-1])
    pattern += "".join(f"(?P<{name}>.*){part}" for name, part in parts[-1:])
    return _Form(re.compile(pattern, re.DOTALL), words, max(fixed, key=len), sum(map(len, fixed)), len(names))


def said_reason(text: str, language: str) -> str:
    """Why a row of the ledger was written: a code of the table of reasons, the hub's own words, or a person's."""
    words = reason_words(text, language)
    return said(text, language) if words == text else words


FIELD = re.compile(r"([a-z_]+)(?= = )")


def said_to_form(text: str, language: str) -> str:
    """`said`, for who filled in a form: a field that it begins with is called as the form calls it."""
    words = said(text, language)
    found = FIELD.match(words)
    if found is None or found[1] not in LABELS["field"]:
        return words
    return translations(language).gettext(label("field", found[1])) + words[found.end() :]


QUOTED = re.compile(r"('(?:[^'\\]|\\.)*')")
HEAD = re.compile(r"(?:'(?:[^'\\]|\\.)*'|[^':：])*")


def called(words: str, labels: Mapping[str, str]) -> str:
    """A sentence about settings, which calls them as their form does where it begins: before its first colon.

    Args: labels: name of a setting -> what the form calls it, in the sentence's language.
    """
    head = HEAD.match(words)
    if head is None or not labels:
        return words
    name = re.compile(rf"\b({'|'.join(map(re.escape, labels))})\b")
    begun = re.sub(rf"^(?:setting|设置) (?={name.pattern})", "", head[0])
    parts = (
        part if part.startswith("'") else name.sub(lambda one: labels[one[1]], part) for part in QUOTED.split(begun)
    )
    return "".join(parts) + words[head.end() :]
