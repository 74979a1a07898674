"""Finds connectors: every folder here with a `spec.py`, and third parties' entry points (`stockline.connectors`)."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

import connectors
from connectors.kit.limiter import Levels, OwnLevels, shared_by
from connectors.kit.sandbox import Sandbox
from connectors.kit.settings import daily_quota
from hub.canonical.errors import Misconfigured, NotFound
from hub.canonical.faults import all_faults
from hub.canonical.order import Order
from hub.ports.channel import Channel, Connection, ConnectorFactory, ConnectorSpec


@cache
def _packages() -> dict[str, str]:
    """Connector name -> package that holds `spec.SPEC` and `connector.CONNECTOR`. Raises Misconfigured."""
    own = {
        module.name: f"connectors.{module.name}"
        for module in pkgutil.iter_modules(connectors.__path__)
        if module.ispkg and module.name != "kit"
    }
    return _joined(own, ((point.name, point.value) for point in entry_points(group="stockline.connectors")))


def _joined(own: Mapping[str, str], others: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Ours and those of other packages. Raises Misconfigured: two packages take one name; neither gets the secrets."""
    found = dict(own)
    for name, package in others:
        holder = found.setdefault(name, package)
        if holder != package:
            raise Misconfigured(
                f"the package {package} takes the name {name!r}, which the connector {holder} has: remove the "
                "package, or register it under another name"
            )
    return found


def names() -> tuple[str, ...]:
    """All connectors on this machine, sorted."""
    return tuple(sorted(_packages()))


def package_of(name: str) -> str:
    """The Python package of one connector. Raises NotFound with the names there are."""
    if name not in _packages():
        raise NotFound(f"no connector named {name!r}; there are: {', '.join(names())}")
    return _packages()[name]


@cache
def spec(name: str) -> ConnectorSpec:
    """The passport of one connector. Raises NotFound with the names there are, Misconfigured."""
    found: ConnectorSpec = _module(name, "spec").SPEC
    return found


def _module(name: str, part: str) -> ModuleType:
    """A module of a connector's package. Raises Misconfigured: what is installed cannot be imported."""
    package = package_of(name)
    try:
        return importlib.import_module(f"{package}.{part}")
    except ImportError as error:
        raise Misconfigured(f"connector {name} ({package}) cannot be loaded: {error}; mend or remove it") from error


def build(connection: Connection, levels: Levels | None = None) -> Channel:
    """The channel object of one connection. `levels`: where its limits stand for all workers; else for it alone.

    Raises: Misconfigured, with every setting that cannot be used.
    """
    factory: ConnectorFactory = _module(connection.channel, "connector").CONNECTOR
    with all_faults(), shared_by(levels or OwnLevels(), daily_quota(connection.settings)):
        return factory(connection)


def translate(name: str, raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """The canonical orders in one payload file of a connector (its `orders.read_orders`); pure, asks no channel.

    Args:   settings: those of a connection that change the reading (a site's time zone, words of its own).
    Raises: NotFound: no such connector, or it reads no files. BadRecord: field, value and why.
    """
    if name not in _packages() or not reads_files(name):
        raise NotFound(f"no connector named {name!r} reads order files; there are: {_those_with('orders')}")
    orders: tuple[Order, ...] = _module(name, "orders").read_orders(raw, settings)
    return orders


def reads_files(name: str) -> bool:
    """Whether its package has an `orders` module; a package that is not there has none."""
    return _has(name, "orders")


def practice_shop(name: str) -> Sandbox:
    """A new practice shop of one connector (its `sandbox.SANDBOX`), which nobody started yet.

    Raises: NotFound: no such connector, or it brings none. Misconfigured.
    """
    if name in _packages() and not _has(name, "sandbox"):
        raise NotFound(f"{name} brings no practice shop; these do: {_those_with('sandbox')}")
    module = _module(name, "sandbox")
    if not hasattr(module, "SANDBOX"):
        raise NotFound(f"{module.__name__} names no practice shop: it needs SANDBOX (docs/add-a-channel.md)")
    shop: Sandbox = module.SANDBOX()
    return shop


def _has(name: str, part: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package_of(name)}.{part}") is not None
    except ImportError:
        return False


def _those_with(part: str) -> str:
    return ", ".join(each for each in names() if _has(each, part))
