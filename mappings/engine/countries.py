"""Country codes: the two letters for the three that some channels write."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from mappings.engine.tables import Table, read_table


def alpha2(text: str) -> str:
    """`DEU`, `deu` and `DE` are `DE`; a text that is no code of three letters stays as it is, in capitals."""
    row = _table().rows.get(text.lower())
    return text.upper() if row is None else str(row["alpha2"])


@cache
def _table() -> Table:
    text = files("mappings.engine").joinpath("countries.csv").read_text("utf-8")
    return read_table("countries", "countries.csv", text)
