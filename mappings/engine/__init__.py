"""The mapping engine: small YAML files that say what a channel's words mean, compiled once to Python.

`mapping("shopify", "orders")` compiles mappings/shopify/orders.yaml with its tables/*.csv and functions.py; called with
`decode_json(raw)` and the connection's settings it gives the canonical Order, or BadRecord(field, value, why).
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from hub.canonical.errors import Misconfigured
from mappings.engine.compiler import Compiled, Mapper, compile_mapping
from mappings.engine.decode import decode_json, decode_text
from mappings.engine.tables import Table, read_table

__all__ = ["Compiled", "Mapper", "compile_mapping", "compiled", "decode_json", "decode_text", "mapping", "table"]


def mapping(channel: str, name: str) -> Mapper:
    """The compiled mapping `mappings/<channel>/<name>.yaml`: (decoded payload, settings) -> Order, or BadRecord.

    Args:   channel: folder under `mappings/`, or the dotted name of a package of one's own.
            name: file name without `.yaml`.
    Raises: Misconfigured: no such file, or a mistake in it (line and column are named).
    """
    return compiled(channel, name).run


@cache
def compiled(channel: str, name: str) -> Compiled:
    """Like `mapping`, together with the Python source that the file became."""
    package = channel if "." in channel else f"mappings.{channel}"
    folder = files(package)
    file = folder / f"{name}.yaml"
    if not file.is_file():
        raise Misconfigured(f"no mapping {channel}/{name}.yaml")
    tables = folder / "tables"
    rows = sorted(tables.iterdir(), key=lambda each: each.name) if tables.is_dir() else []
    csv = {each.name[:-4]: each.read_text("utf-8") for each in rows if each.name.endswith(".csv")}
    return compile_mapping(file.read_text("utf-8"), f"{channel}/{name}.yaml", csv, _functions(package))


@cache
def table(channel: str, name: str) -> Table:
    """`mappings/<channel>/tables/<name>.csv`, for what a connector sends. Raises Misconfigured: a mistake in it."""
    file = f"tables/{name}.csv"
    return read_table(name, file, files(f"mappings.{channel}").joinpath(file).read_text("utf-8"))


def _functions(package: str) -> dict[str, Callable[..., Any]]:
    """The public functions that a channel's `functions.py` defines itself."""
    if find_spec(f"{package}.functions") is None:
        return {}
    module = importlib.import_module(f"{package}.functions")
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: each for name, each in found if not name.startswith("_") and each.__module__ == module.__name__}
