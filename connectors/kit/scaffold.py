"""Writes a connector as a package of its own: a copy of `template/` and `project/` under the channel's name.

`template/` is a connector like any other (formatted, typed, held to the contract suite); only its name is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from connectors.kit import registry
from hub.canonical.errors import BadInput

PACKAGE, PROJECT = "connectors.kit.template", "connectors.kit.project"
NAME, TITLE = "shelfmart", "Shelfmart"
_NAMES = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 30


def new_connector(name: str, folder: Path | None = None) -> Path:
    """Write the package of a new channel and return its folder.

    Args:   name:   as it shall stand in `stockline connectors`: small letters, digits, single underscores.
            folder: does not exist yet; None: `stockline-NAME` in the present folder.
    Raises: BadInput: a name that cannot be or is taken; a folder that exists or cannot be made.
    """
    _check(name)
    target = folder or Path(f"stockline-{name.replace('_', '-')}")
    if target.exists():
        raise BadInput(f"{target} exists already: name a folder that does not, with --folder")
    try:
        for path, text in _files(name):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(_renamed(text, name), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{target} cannot be written: {error.strerror}") from None
    return target


def _check(name: str) -> None:
    if not _NAMES.fullmatch(name) or len(name) > LONGEST:
        raise BadInput(
            f"{name!r} cannot be a channel's name: write at most {LONGEST} small letters, digits and single "
            "underscores, a letter first, such as shelfmart"
        )
    if name in registry.names():
        raise BadInput(f"{name!r} is taken: a connector of that name is here already")


def _files(name: str) -> Iterator[tuple[str, str]]:
    """(path below the new folder, text) of every file."""
    yield from ((f"stockline_{name}/{path}", text) for path, text in _texts(files(PACKAGE)))
    for path, text in _texts(files(PROJECT)):
        plain = path.removesuffix(".in")
        yield f".{plain}" if plain == "gitignore" else plain, text


def _texts(folder: Traversable, below: str = "") -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda found: found.name):
        if each.is_dir() and each.name != "__pycache__":
            yield from _texts(each, f"{below}{each.name}/")
        elif each.is_file():
            yield f"{below}{each.name}", each.read_text(encoding="utf-8")


def _renamed(text: str, name: str) -> str:
    """The template's name, as a word of its own, as part of the package's name, and in prose."""
    dashed = text.replace(f"stockline-{NAME}", f"stockline-{name.replace('_', '-')}")
    return dashed.replace(NAME, name).replace(TITLE, name.replace("_", " ").title())
