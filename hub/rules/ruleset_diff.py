"""What differs between two bodies of rules, setting by setting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Change:
    """One setting. `path`: names, and entries of lists by their own name or number; `before` None: it was not there."""

    kind: Literal["added", "removed", "changed", "moved"]
    path: tuple[str, ...]
    before: Any = None
    after: Any = None

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "path": list(self.path), "before": self.before, "after": self.after}


_MISSING: Any = object()


def diff_bodies(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What turns one body (JSON) into another.

    Returns: one change per setting, in the order in which the settings stand; entries of a list are known by their
             `name` or `by`, where all of them have one of their own, so a strategy that was moved is not "changed"; its
             new place among those that stay is told as "moved" (1 is the first). Equal bodies: ().
    """
    return tuple(_groups(before, after, ()))


def sentence(change: Change) -> str:
    """A change in English, on one line, such as "strategies › default › split › max: 2 → 3"."""
    where = " › ".join(part.replace("_", " ") for part in change.path)
    before, after = _said(change.before), _said(change.after)
    if change.kind == "moved":
        return f"{where}: place {before} → {after}"
    if change.kind == "added":
        return f"{where}: new, {after}"
    return f"{where}: no longer {before}" if change.kind == "removed" else f"{where}: {before} → {after}"


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _groups(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        yield from _values(before.get(name, _MISSING), after.get(name, _MISSING), (*path, name))


def _values(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if before is _MISSING:
        yield Change("added", path, None, after)
    elif after is _MISSING:
        yield Change("removed", path, before, None)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _groups(before, after, path)
    elif _is_list(before) and _is_list(after):
        yield from _lists(before, after, path)
    elif before != after or type(before) is not type(after):
        yield Change("changed", path, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _lists(before: Sequence[Any], after: Sequence[Any], path: tuple[str, ...]) -> Iterator[Change]:
    was, now = _named(before), _named(after)
    if was is None or now is None:
        if list(before) != list(after):
            yield Change("changed", path, list(before), list(after))
        return
    yield from _groups(was, now, path)
    kept_before, kept_after = [n for n in was if n in now], [n for n in now if n in was]
    for name in kept_after:
        if kept_before.index(name) != kept_after.index(name):
            yield Change("moved", (*path, name), kept_before.index(name) + 1, kept_after.index(name) + 1)


def _named(rows: Sequence[Any]) -> dict[str, Any] | None:
    """Entries by their names; None where some have none, or two have the same."""
    names = [_name(row) for row in rows]
    if None in names or len(set(names)) < len(names):
        return None
    return {str(name): row for name, row in zip(names, rows, strict=True)}


def _name(row: Any) -> str | None:
    if isinstance(row, str):
        return row
    if isinstance(row, Mapping):
        found = row.get("name") or row.get("by")
        return found if isinstance(found, str) else None
    return None
