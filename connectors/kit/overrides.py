"""Overrides of a connector's mapping: what they lie over, and whether they are sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.registry import package_of
from hub.canonical.errors import BadInput, Misconfigured, NotFound
from hub.ports.mapping import BuiltIn, BuiltInTable
from mappings.engine import OVERRIDES, Overrides, check_overrides, sources
from mappings.engine.tables import Table


def built_in(connector: str) -> BuiltIn:
    """A connector's mapping as it comes. Raises NotFound: it has none."""
    try:
        found = sources(_mapping_of(connector))
    except Misconfigured:
        raise NotFound(f"{connector} has no mapping that can be overridden") from None
    return BuiltIn(found.texts, tuple(_table(table, found.words(table)) for table in found.tables.values()))


def checked(connector: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Overrides as they are stored. Raises BadInput: a mistake, with file, line and column. NotFound."""
    built_in(connector)
    try:
        overrides = Overrides.of(body)
        check_overrides(_mapping_of(connector), overrides)
    except Misconfigured as mistake:
        raise BadInput(str(mistake)) from None
    return overrides.to_dict()


def with_overrides(settings: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, str]:
    """A connection's settings with its overrides in the place where mappings look for them, and with no others."""
    theirs = {name: text for name, text in settings.items() if name != OVERRIDES}
    overrides = Overrides.of(body)
    return theirs if overrides == Overrides() else {**theirs, OVERRIDES: overrides.to_text()}


def _mapping_of(connector: str) -> str:
    """Folder below `mappings/`; of a package of its own the package in it."""
    package = package_of(connector)
    return connector if package == f"connectors.{connector}" else f"{package}.mapping"


def _table(table: Table, words: Mapping[str, tuple[str, ...]]) -> BuiltInTable:
    rows = tuple((key, *(str(row[name] or "") for name in table.columns)) for key, row in table.rows.items())
    return BuiltInTable(table.name, (table.value, *table.columns), rows, words)
