"""The words that packages of connectors bring for their own texts: `locale/LANGUAGE/LC_MESSAGES/*.po` in each."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from hub.ports.channel import CONNECTORS

log = logging.getLogger(__name__)
PLACE = re.compile(r"\{([a-z_]+\d*)\}")
"""Where a value stands in a message that has some."""


def brought(language: str) -> Iterator[tuple[str, str]]:
    """English text -> words in the language. A file that cannot be read is logged, and left out; so are words that name
    a place which their text does not have, and texts of nothing but places."""
    for package in sorted({point.value for point in entry_points(group=CONNECTORS)}):
        for path in _files(package, language):
            for text, words in _read(package, path, language):
                named = set(PLACE.findall(words)) <= set(PLACE.findall(text))
                if named and re.search(r"\w", PLACE.sub("", text)):
                    yield text, words
                else:
                    log.error("package %s: the words for %r in %s cannot be used: their places differ from the text's",
                              package, text, path)  # fmt: skip


def _files(package: str, language: str) -> list[Path]:
    """Nothing of the package is imported for that."""
    top, *below = package.split(".")
    found = find_spec(top)
    roots = list(found.submodule_search_locations or ()) if found else []
    return [
        path for root in roots for path in sorted(Path(root, *below, "locale", language, "LC_MESSAGES").glob("*.po"))
    ]


def _read(package: str, path: Path, language: str) -> list[tuple[str, str]]:
    try:
        with path.open("rb") as file:
            known = read_po(file, locale=language, abort_invalid=True)
    except (OSError, ValueError, LookupError, PoFileError) as error:
        log.error("package %s: %s cannot be read (%s); its texts stay English", package, path, error)
        return []
    texts = [(one.id, one.string) for one in known if one.id and one.string and not one.fuzzy]
    return [(text, words) for text, words in texts if isinstance(text, str) and isinstance(words, str)]
