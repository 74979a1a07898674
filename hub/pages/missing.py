"""Finds texts that a language lacks: `python -m hub.pages.missing` prints them as .po lines to fill in."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import normalize

from hub.pages.i18n import LANGUAGES, SOURCE, TOLD, catalog
from hub.pages.told_texts import told_texts

ROOT = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {
    "templates/**.html": {
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
        "extensions": "jinja2.ext.do",
    }
}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
}


def used_texts() -> dict[str | tuple[str, ...], str]:
    """Every text (or pair singular, plural) that code and templates show -> "file:line" of its first use."""
    found: dict[str | tuple[str, ...], str] = {}
    for name, line, text, _comments, _context in extract_from_dir(
        ROOT, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        key = tuple(text) if isinstance(text, (tuple, list)) else text
        found.setdefault(key, f"{name}:{line}")
    return found


def connector_texts() -> set[str]:
    """Titles, labels and helps of the passports and names of findings: the pages translate those that a catalog has."""
    files = sorted((ROOT.parents[1] / "connectors").rglob("*.py"))
    ours = (path for path in files if "template" not in path.parts)
    calls = (node for path in ours for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {text for call in calls if isinstance(call, ast.Call) for text in _shown(call)}


_OF_FINDINGS = ("Finding", "judged", "permission", "as_allowed")
"""Calls that name a finding first."""


def _shown(call: ast.Call) -> list[str]:
    """Which constant arguments of this call people read."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = {"Field": call.args[1:3], **dict.fromkeys(_OF_FINDINGS, call.args[:1])}.get(name, [])
    words = {"label", "help"}
    passport = {"title", "order_ref"}
    shown = {"Field": words, "replace": words, "Finding": {"what"}, "ConnectorSpec": passport}.get(name, set[str]())
    parts = [*given, *(keyword.value for keyword in call.keywords if keyword.arg in shown)]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def missing(language: str) -> dict[str | tuple[str, ...], str]:
    """The used texts that this language has no words for."""
    have, told = catalog(language), catalog(language, TOLD)
    texts = {text: place for text, place in used_texts().items() if not _has(have.get(_id(text)))}
    return texts | {text: place for text, place in told_texts().items() if not _has(told.get(text))}


def _id(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _has(message: object) -> bool:
    return bool(getattr(message, "string", None))


def unused(language: str) -> set[str]:
    """Texts in the catalog that nobody shows any more."""
    used = {_id(text) for text in used_texts()} | connector_texts()
    texts = {_id(message.id) for message in catalog(language) if message.id} - used
    return texts | ({_id(message.id) for message in catalog(language, TOLD) if message.id} - set(told_texts()))


def po_lines(text: str | tuple[str, ...], place: str) -> str:
    """One entry of a .po file, with an empty translation."""
    if isinstance(text, str):
        return f'#: {place}\nmsgid {normalize(text)}\nmsgstr ""\n'
    return f'#: {place}\nmsgid {normalize(text[0])}\nmsgid_plural {normalize(text[1])}\nmsgstr[0] ""\n'


def main() -> int:
    """Print what is missing; exit code 1 when anything is."""
    count = 0
    for language in LANGUAGES:
        for text, place in missing(language).items() if language != SOURCE else ():
            print(po_lines(text, place))
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
