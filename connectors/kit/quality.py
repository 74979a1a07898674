"""What a connector has reached, by its own `quality.toml`, and how much code it needed."""

from __future__ import annotations

import ast
import importlib.util
import io
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from connectors.kit.registry import package_of
from hub.canonical.errors import Misconfigured

PRACTICE = frozenset({"sandbox", "sandbox.py", "contract.py"})
"""Practice server and how the contract is held against it: what a channel is proven with, not connected by."""

_NO_CODE = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)


@dataclass(frozen=True, slots=True)
class Quality:
    """`level`: bronze, silver or gold, "" where nothing is claimed. rules: rule -> done, open, or why it is exempt."""

    level: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)


def read_quality(name: str) -> Quality:
    """What a connector claims; the contract suite proves it.

    Raises: NotFound: no such connector. Misconfigured: the file cannot be read, or says something else.
    """
    file = files(package_of(name)) / "quality.toml"
    if not file.is_file():
        return Quality()
    try:
        body = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as broken:
        raise Misconfigured(f"{file}: {broken}") from None
    level, rules = body.get("level"), body.get("rules")
    if not isinstance(level, str) or not isinstance(rules, dict):
        raise Misconfigured(f'{file}: expected level = "bronze", "silver" or "gold", and a table [rules]')
    return Quality(level, {rule: _word(f"{file}: {rule}", word) for rule, word in rules.items()})


def _word(where: str, word: Any) -> str:
    if isinstance(word, str):
        return word
    if isinstance(word, dict) and isinstance(word.get("exempt"), str):
        return f"exempt: {word['exempt']}"
    raise Misconfigured(f'{where} = {word!r}: expected "done", "open", or a table with exempt = "why it cannot be"')


def lines_of_code(name: str) -> int:
    """Lines of Python and YAML that speak with the channel: its package and its mapping, without the practice server,
    without blank lines, comments, docstrings and tables. Raises NotFound: no such connector."""
    folders = [files(package_of(name))]
    if importlib.util.find_spec(f"mappings.{name}") is not None:
        folders.append(files(f"mappings.{name}"))
    return sum(_lines(file) for folder in folders for file in _sources(folder))


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for each in sorted(folder.iterdir(), key=lambda found: found.name):
        if each.name in PRACTICE:
            continue
        if each.is_dir():
            yield from _sources(each)
        elif each.name.endswith((".py", ".yaml")):
            yield each


def _lines(file: Traversable) -> int:
    text = file.read_text(encoding="utf-8")
    if file.name.endswith(".py"):
        return len(_python_lines(text))
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _python_lines(text: str) -> set[int]:
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    used = {line for t in tokens if t.type not in _NO_CODE for line in range(t.start[0], t.end[0] + 1)}
    return used - told
