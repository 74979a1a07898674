"""Finds the messages that the hub's code makes for people: templates, whose values are places such as {sku}."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = (
    "hub/canonical", "hub/pages", "hub/reports", "hub/rules", "hub/store", "hub/usecases", "hub/web",
)  # fmt: skip
"""Where messages arise that every language must have."""
CHANNELS = ("connectors", "mappings")
"""What connectors say has words where somebody wrote them: a new channel changes no line of the hub."""
RECORDS = frozenset({"BadRecord", "Fault", "Finding", "StockAnswer", "judged"})
NAMED = frozenset({"mend", "why"})
ERRORS = frozenset({
    "AuthFailed", "BadInput", "ChannelDown", "Conflict", "ForgedRequest", "HeldBack", "Misconfigured", "NeedsPerson",
    "NotAllowed", "NotFound", "Rejected", "Retryable", "SignInNeeded", "StockGone", "Throttled", "TimedOut", "fault",
    "key_fault", "told", "unfit",
})  # fmt: skip


def told_texts(folders: tuple[str, ...] = OURS) -> dict[str, str]:
    """Template of a message -> "file:line" where it is made first; `folders`: OURS, or CHANNELS."""
    found: dict[str, str] = {}
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    for path in paths:
        if "sandbox" not in path.parts:
            for text, line in _texts(path):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def _texts(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for part in _choices(_said(node)):
            if (text := template(part)) is not None:
                yield text, part.lineno


def _said(node: ast.AST) -> ast.expr | None:
    """What people read: the argument of an error and of `told`, and whatever is called `why` or `mend`."""
    if isinstance(node, ast.Assign):
        return node.value if getattr(node.targets[0], "id", "") in NAMED else None
    if isinstance(node, ast.keyword):
        return node.value if node.arg in NAMED else None
    if not isinstance(node, ast.Call):
        return None
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in RECORDS and len(node.args) > 2:
        return node.args[2]
    return node.args[0] if node.args and name in ERRORS else None


def _choices(part: ast.expr | None) -> Iterator[ast.expr]:
    if isinstance(part, ast.IfExp):
        yield from (*_choices(part.body), *_choices(part.orelse))
    elif part is not None:
        yield part


def template(part: ast.expr) -> str | None:
    """f"no SKU {sku!r}" -> "no SKU {sku}"; None for what is no text, or nothing but a value."""
    if isinstance(part, ast.Constant):
        return part.value if isinstance(part.value, str) else None
    if not isinstance(part, ast.JoinedStr) or not any(isinstance(piece, ast.Constant) for piece in part.values):
        return None
    used: list[str] = []
    text = "".join(_piece(piece, used) for piece in part.values)
    return text if re.sub(r"\{\w+\}|[ ()]", "", text) else None


def _piece(piece: ast.expr, used: list[str]) -> str:
    if isinstance(piece, ast.Constant):
        return str(piece.value)
    name = _name(piece)
    used.append(name)
    again = used.count(name)
    return f"{{{name}{again if again > 1 else ''}}}"


def _name(node: ast.AST) -> str:
    """What a place is called: by the last name in its expression."""
    names = [found for part in ast.walk(node) if (found := _word(part)) and found not in ("join", "len", "strip")]
    return names[0].lower().strip("_") if names else "value"


def _word(node: ast.AST) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else ""
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))
