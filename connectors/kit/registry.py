"""Finds connectors: every folder here with a `spec.py`, and third parties' entry points (`stockline.connectors`)."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from types import ModuleType
from typing import Any

import connectors
from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.settings import daily_quota
from connectors.kit.wire.limiter import Levels, OwnLevels, shared_by
from hub.canonical.errors import Misconfigured, NotFound, StocklineError
from hub.canonical.extras import extra_words
from hub.canonical.faults import all_faults
from hub.canonical.order import Order
from hub.canonical.told import told
from hub.ports.channel import CONNECTORS, Channel, Connection, ConnectorFactory, ConnectorSpec
from mappings.engine import check_named


@dataclass(frozen=True, slots=True)
class Broken:
    """A connector that is installed and cannot be used: its name, its package, and what is wrong and mends it."""

    name: str
    package: str
    why: str


@dataclass(frozen=True, slots=True)
class _Found:
    """packages: connector -> package that holds `spec.SPEC` and `connector.CONNECTOR`. refused: who gets no name."""

    packages: Mapping[str, str]
    refused: tuple[Broken, ...] = ()


@cache
def _installed() -> _Found:
    own = {
        module.name: f"connectors.{module.name}"
        for module in pkgutil.iter_modules(connectors.__path__)
        if module.ispkg and module.name != "kit"
    }
    return _joined(own, {(point.name, point.value) for point in entry_points(group=CONNECTORS)})


def _packages() -> Mapping[str, str]:
    return _installed().packages


def _joined(own: Mapping[str, str], others: Iterable[tuple[str, str]]) -> _Found:
    """Ours and those of other packages. Our names stay ours; one that two packages take belongs to neither, so that
    none gets the other's secrets. Everything else goes on."""
    takers: dict[str, list[str]] = {}
    for name, package in sorted(others):
        takers.setdefault(name, [own[name]] if name in own else []).append(package)
    contested = {name: packages for name, packages in takers.items() if len(packages) > 1}
    refused = tuple(
        Broken(name, package, _taken(name, package, holder))
        for name, (holder, *others) in contested.items()
        for package in others
    )
    alone = {name: packages[0] for name, packages in takers.items() if name not in contested}
    return _Found({**own, **alone}, refused)


def _taken(name: str, package: str, holder: str) -> str:
    return told(
        f"the package {package} takes the name {name!r}, which the connector {holder} has: remove the "
        "package, or register it under another name"
    )


def names() -> tuple[str, ...]:
    """All connectors on this machine, sorted."""
    return tuple(sorted(_packages()))


def package_of(name: str) -> str:
    """The Python package of one connector.

    Raises: NotFound with the names there are. Misconfigured: two packages take the name.
    """
    if name in _packages():
        return _packages()[name]
    for broken in _installed().refused:
        if broken.name == name:
            raise Misconfigured(broken.why)
    raise NotFound(f"no connector named {name!r}; there are: {', '.join(names())}")


def foreign_package(name: str) -> str:
    """The package of a connector that is not ours; "" for ours, and where there is none."""
    package = _packages().get(name, "")
    return "" if package.startswith(f"{connectors.__name__}.") else package


@cache
def spec(name: str) -> ConnectorSpec:
    """The passport of one connector. Raises NotFound with the names there are, Misconfigured."""
    found: object = _part(name, "spec", "SPEC")
    if not isinstance(found, ConnectorSpec):
        kind = type(found).__name__
        raise _unusable(name, told(f"SPEC in spec.py is a {kind}, not a ConnectorSpec"))
    if found.name != name:
        said = found.name
        raise _unusable(name, told(f"SPEC in spec.py says name={said!r}, its entry point {name!r}: both must be one"))
    if (files(package_of(name)) / "mapping").is_dir():
        _check_mapping(found)
    return found


def _check_mapping(found: ConnectorSpec) -> None:
    """That the `mapping` of a connector's package says its name and its settings. Raises Misconfigured."""
    try:
        settings = [field.name for field in found.settings]
        check_named(f"{package_of(found.name)}.mapping", found.name, names(), settings)
    except Exception as error:
        # It imports the package's functions, which may raise anything, as any of its modules.
        raise _unusable(found.name, _told("mapping/functions", error)) from error


def specs() -> tuple[ConnectorSpec, ...]:
    """The passports of all connectors that can be used, by name."""
    unusable = {fault.name for fault in broken() if fault.package == _packages().get(fault.name)}
    return tuple(spec(name) for name in names() if name not in unusable)


def broken() -> tuple[Broken, ...]:
    """Those that are installed and cannot be used: a name that is taken, a module that fails. Never raises."""
    tried = (Broken(name, package_of(name), why) for name in names() if (why := _fault(name)))
    return (*_installed().refused, *tried)


def load(name: str) -> ConnectorSpec:
    """The passport of a connector that can be used. Raises NotFound, Misconfigured: its package cannot be loaded."""
    passport = spec(name)
    _part(name, "connector", "CONNECTOR")
    return passport


def _fault(name: str) -> str:
    """What keeps a connector from being used; "" for nothing."""
    try:
        load(name)
    except Misconfigured as fault:
        return str(fault)
    return ""


def _part(name: str, part: str, attribute: str) -> Any:
    """What a connector's package must have. Raises Misconfigured: it has not."""
    module = _module(name, part)
    if not hasattr(module, attribute):
        raise _unusable(name, told(f"{part}.py names no {attribute} (docs/add-a-channel.md)"))
    return getattr(module, attribute)


def _module(name: str, part: str) -> ModuleType:
    """A module of a connector's package. Raises Misconfigured: what is installed cannot be imported."""
    package = package_of(name)
    try:
        return importlib.import_module(f"{package}.{part}")
    except Exception as error:
        # Another firm's module may raise anything while it is imported; it must not take the hub down.
        raise _unusable(name, _told(part, error)) from error


def _told(part: str, error: Exception) -> str:
    """A mistake in a mapping names its own file, line and column; of anything else the module is named."""
    if isinstance(error, StocklineError):
        return str(error)
    words = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
    return extra_words(error) or f"{part}.py: {words}"


def _unusable(name: str, why: str) -> Misconfigured:
    package = package_of(name)
    return Misconfigured(f"connector {name} ({package}) cannot be loaded: {why}; mend or remove it")


def build(connection: Connection, levels: Levels | None = None) -> Channel:
    """The channel object of one connection. `levels`: where its limits stand for all workers; else for it alone.

    Raises: Misconfigured, with every setting that cannot be used.
    """
    factory: ConnectorFactory = _part(connection.channel, "connector", "CONNECTOR")
    with all_faults(), shared_by(levels or OwnLevels(), daily_quota(connection.settings)):
        return factory(connection)


Reader = Callable[[bytes, Mapping[str, str]], tuple[Order, ...]]


def reader_of(name: str) -> Reader:
    """What makes canonical orders of a payload file of one connector (its `orders.read_orders`); pure, asks no channel.

    It takes the settings of a connection that change the reading (a site's time zone, words of its own), and raises
    BadRecord: field, value and why.
    Raises: NotFound: no such connector, or it reads no files. Misconfigured: it cannot be loaded.
    """
    if name not in names() or not reads_files(name):
        raise NotFound(f"no connector named {name!r} reads order files; there are: {_those_with('orders')}")
    spec(name)  # a mapping that says another channel is refused here as everywhere
    found: Reader = _part(name, "orders", "read_orders")
    return found


def reads_files(name: str) -> bool:
    """Whether its package has an `orders` module; a package that is not there has none."""
    return _has(name, "orders")


def practice_shop(name: str) -> Sandbox:
    """A new practice shop of one connector (its `sandbox.SANDBOX`), which nobody started yet.

    Raises: NotFound: no such connector, or it brings none. Misconfigured.
    """
    if name in names() and not _has(name, "sandbox"):
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
