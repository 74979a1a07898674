"""The mapping engine: small YAML files that say what a channel's words mean, compiled once to Python.

`mapping("shopify", "orders")` compiles mappings/shopify/orders.yaml with its tables/*.csv and functions.py; called with
`decode_json(raw)` and the connection's settings it gives the canonical Order, or BadRecord(field, value, why). What a
connection says differently stands in its settings (`OVERRIDES`), and is laid over the files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

from hub.canonical.errors import BadRecord, StocklineError
from hub.canonical.order import Order
from hub.canonical.refund import Refund
from mappings.engine.compiler import Compiled, Mapper, compile_mapping
from mappings.engine.decode import decode_json, decode_text
from mappings.engine.overrides import OVERRIDES, Overrides
from mappings.engine.sources import check_named, check_overrides, compiled, overridden, sources, tables_of
from mappings.engine.tables import Table

__all__ = [
    "OVERRIDES",
    "Compiled",
    "Mapper",
    "Overrides",
    "check_named",
    "check_overrides",
    "compile_mapping",
    "compiled",
    "decode_json",
    "decode_text",
    "mapping",
    "refund_mapping",
    "sources",
    "table",
    "tables_of",
]

RefundMapper = Callable[[Any, Mapping[str, str]], Refund]
"""(decoded payload, settings) -> the refund that it is, or BadRecord."""


@cache
def mapping(channel: str, name: str) -> Mapper:
    """The compiled mapping `mappings/<channel>/<name>.yaml`: (decoded payload, settings) -> Order, or BadRecord.

    Args:   channel: folder under `mappings/`, or the dotted name of a package of one's own.
            name: file name without `.yaml`.
    Raises: Misconfigured: no such file, or a mistake in it (line and column are named).
    """
    built_in = compiled(channel, name).run

    def run(doc: Any, settings: Mapping[str, str]) -> Order:
        setting = settings.get(OVERRIDES)
        return (
            built_in(doc, settings) if setting is None else _run_over(overridden(channel, name, setting), doc, settings)
        )

    return run


def refund_mapping(channel: str, name: str) -> RefundMapper:
    """Likewise, for a file that says `refund:` in place of `order:`."""
    return cast(RefundMapper, mapping(channel, name))


def _run_over(mapper: Compiled, doc: Any, settings: Mapping[str, str]) -> Order:
    """What people wrote may give our functions values that they do not expect: that is told as a record's fault."""
    try:
        return mapper.run(doc, settings)
    except StocklineError:
        raise
    except Exception as error:
        why = "the overrides of this connection give a function what it cannot use: change them, then replay"
        raise BadRecord("(mapping)", f"{type(error).__name__}: {error}", why) from error


def table(channel: str, name: str, settings: Mapping[str, str]) -> Table:
    """`mappings/<channel>/tables/<name>.csv` with a connection's own rows, for what a connector sends.

    Raises: Misconfigured: a mistake in it.
    """
    found = sources(channel)
    setting = settings.get(OVERRIDES)
    return found.tables[name] if setting is None else tables_of(found, Overrides.of(json.loads(setting)))[name]
