"""Finds connectors: every folder here with a `spec.py`, and third parties' entry points (`stockline.connectors`)."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

import connectors
from hub.canonical.errors import NotFound
from hub.ports.channel import Channel, Connection, ConnectorFactory, ConnectorSpec


@cache
def _packages() -> dict[str, str]:
    """Connector name -> package that holds `spec.SPEC` and `connector.CONNECTOR`."""
    own = {
        module.name: f"connectors.{module.name}"
        for module in pkgutil.iter_modules(connectors.__path__)
        if module.ispkg and module.name != "kit"
    }
    return own | {point.name: point.value for point in entry_points(group="stockline.connectors")}


def names() -> tuple[str, ...]:
    """All connectors on this machine, sorted."""
    return tuple(sorted(_packages()))


@cache
def spec(name: str) -> ConnectorSpec:
    """The passport of one connector. Raises NotFound with the names there are."""
    if name not in _packages():
        raise NotFound(f"no connector named {name!r}; there are: {', '.join(names())}")
    found: ConnectorSpec = importlib.import_module(f"{_packages()[name]}.spec").SPEC
    return found


def build(connection: Connection) -> Channel:
    """The channel object of one connection."""
    spec(connection.channel)
    factory: ConnectorFactory = importlib.import_module(f"{_packages()[connection.channel]}.connector").CONNECTOR
    return factory(connection)
