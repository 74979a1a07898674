"""Codes that a merchant types: of a store view, a website, a stock source, and which source a warehouse ships from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.canonical.faults import unfit


def code(settings: Mapping[str, str], name: str, default: str) -> str:
    """The code in the setting `name`, `default` where it is empty. Raises Misconfigured."""
    found = settings.get(name, "").strip() or default
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", found):
        return unfit(f"{name} = {found!r}: expected a code such as {default}", default)
    return found


@dataclass(frozen=True, slots=True)
class Sources:
    """Where stock is written and parcels leave. `by_warehouse`: warehouse of the hub -> source of the shop."""

    main: str
    by_warehouse: Mapping[str, str]

    @classmethod
    def read(cls, settings: Mapping[str, str], main: str, listed: str, default: str = "default") -> Sources:
        """By the settings `main`, a code, and `listed`: WAREHOUSE=code, one a line or with commas.

        Raises: Misconfigured.
        """
        found = {}
        for pair in filter(str.strip, re.split(r"[\n,]", settings.get(listed, ""))):
            warehouse, sign, source = pair.partition("=")
            if sign and warehouse.strip():
                found[warehouse.strip()] = code({listed: source}, listed, "")
            else:
                unfit(f"{listed}: {pair.strip()!r}: expected WAREHOUSE=source, such as BER=berlin", None)
        return cls(code(settings, main, default), found)

    def of(self, warehouse: str) -> str:
        """The source that a warehouse ships from."""
        return self.by_warehouse.get(warehouse, self.main)

    @property
    def all(self) -> tuple[str, ...]:
        """Each source once, the main one first."""
        return tuple(dict.fromkeys((self.main, *self.by_warehouse.values())))
