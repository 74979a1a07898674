"""Languages of the pages: gettext catalogs read from .po files, and which language a request wants."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Protocol

from babel import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request

from hub.pages.brought import brought

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
"""Code -> its name in itself. The texts in code and templates are the English ones."""
PAGES, TOLD, TOLD_BY_CHANNELS = "LC_MESSAGES", "told", "told_by_channels"
"""The texts of pages, and the messages (`said`) that the hub's code makes, and that of connectors and mappings."""
COOKIE = "stockline_language"


def N_(text: str) -> str:  # noqa: N802  the usual name, which the extractor knows
    """Mark a text for the catalogs where it is written; translate it where it is shown."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  like N_, for one and for several
    """Mark a text and its plural for the catalogs where they are written."""
    return one, many


def catalog(language: str, part: str = PAGES) -> Catalog:
    """All .po files of one part of a language as one catalog: each area may have a file of its own."""
    whole = Catalog(locale=language)
    for path in sorted((FOLDER / language / part).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id and message.string:
                    whole.add(message.id, message.string, context=message.context)
    return whole


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The compiled catalog, made in memory once per process; English is its own source.

    Packages of connectors bring words for their own texts: what the hub says stays as its own catalogs have it.
    """
    if language == SOURCE:
        return gettext.NullTranslations()
    compiled, whole = BytesIO(), catalog(language)
    for text, words in brought(language):
        if text not in whole:
            whole.add(text, words)
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Speaker(Protocol):
    """Says texts in one language: a page, or a `Voice` where there is none."""

    @property
    def language(self) -> str: ...

    @property
    def house_currency(self) -> str: ...

    def gettext(self, text: str, **values: object) -> str: ...

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Voice:
    """A language by itself, as the command line speaks it; `house_currency`: that of the setting, "" for none."""

    language: str
    house_currency: str = ""

    def gettext(self, text: str, **values: object) -> str:
        """A text in this language; `%(name)s` places are filled from `values`."""
        found = translations(self.language).gettext(text)
        return found % values if values else found

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The text for so many, which `%(num)s` names."""
        return translations(self.language).ngettext(one, many, num) % {"num": num, **values}


def language_of_terminal(environment: Mapping[str, str]) -> str:
    """What a terminal is set to: the first of LC_ALL, LC_MESSAGES and LANG that says anything; else English."""
    told = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh_CN" if told.lower().startswith("zh") else SOURCE


def language_of(request: Request, chosen: str | None = None) -> str:
    """The person's choice, else the cookie's, else the browser's first language that we have, else English."""
    for code in (chosen, request.cookies.get(COOKIE)):
        if code in LANGUAGES:
            return code
    header = request.headers.get("accept-language", "")
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in header.split(",") if part.strip()]
    wanted = ["zh_CN" if code.lower() in {"zh", "zh_hans", "zh_hans_cn", "zh_sg"} else code for code in wanted]
    return negotiate_locale(wanted, list(LANGUAGES), sep="_") or SOURCE
