"""Every connector has one name and one package, wherever the package comes from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from connectors.kit import registry
from hub.canonical.errors import Misconfigured

GROUP = "stockline.connectors"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """What packages register, in place of what is installed here."""
    points = list[EntryPoint]()
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints(points).select(group=group))
    _forget()
    yield points
    _forget()


def _forget() -> None:
    registry._installed.cache_clear()
    registry.spec.cache_clear()


def test_a_package_adds_its_connector_to_ours(installed: list[EntryPoint]) -> None:
    installed.append(EntryPoint("cornershop", "stockline_cornershop", GROUP))
    assert registry.package_of("cornershop") == "stockline_cornershop"
    assert registry.package_of("taobao") == "connectors.taobao"


def test_a_package_that_takes_our_name_is_refused_and_everything_else_goes_on(installed: list[EntryPoint]) -> None:
    installed.append(EntryPoint("taobao", "stockline_0", GROUP))
    assert registry.package_of("taobao") == "connectors.taobao"
    assert [(broken.name, broken.why) for broken in registry.broken()] == [
        (
            "taobao",
            "the package stockline_0 takes the name 'taobao', which the connector connectors.taobao has: remove the "
            "package, or register it under another name",
        )
    ]
    assert "taobao" in {spec.name for spec in registry.specs()}


def test_a_name_that_two_packages_take_belongs_to_neither(installed: list[EntryPoint]) -> None:
    """Which of them came first is chance, and it would get the other's secrets."""
    installed += [EntryPoint("cornershop", "stockline_1", GROUP), EntryPoint("cornershop", "stockline_0", GROUP)]
    with pytest.raises(Misconfigured) as refused:
        registry.package_of("cornershop")
    assert str(refused.value) == (
        "the package stockline_1 takes the name 'cornershop', which the connector stockline_0 has: remove the package, "
        "or register it under another name"
    )
    assert "cornershop" not in registry.names()
    assert registry.package_of("taobao") == "connectors.taobao"


PASSPORT = "from hub.ports.channel import ConnectorSpec\nSPEC = ConnectorSpec({name!r}, 'Corner', frozenset())\n"


@pytest.mark.parametrize(
    ("_case", "spec", "connector", "why"),
    [
        ("something is not installed", "import nothing_there", "", "spec.py: No module named 'nothing_there'"),
        ("an extra is missing", "raise ModuleNotFoundError('no', name='graphql.type')", "",
         "this needs graphql, which is not installed: pip install 'stockline[sandbox]'"),
        ("a fault", "1 / 0", "", "spec.py: ZeroDivisionError: division by zero"),
        ("no passport", "", "", "spec.py names no SPEC (docs/add-a-channel.md)"),
        ("another thing", "SPEC = {}", "", "SPEC in spec.py is a dict, not a ConnectorSpec"),
        ("another name", PASSPORT.format(name="corner"), "",
         "SPEC in spec.py says name='corner', its entry point 'cornershop': both must be one"),
        ("no connector", PASSPORT.format(name="cornershop"), "",
         "connector.py names no CONNECTOR (docs/add-a-channel.md)"),
        ("a mistake in a mapping", PASSPORT.format(name="cornershop"),
         "from hub.canonical.errors import Misconfigured\nraise Misconfigured('orders.yaml:6:3: unknown key')",
         "orders.yaml:6:3: unknown key"),
        ("a connector's fault", PASSPORT.format(name="cornershop"), "x = [][0]",
         "connector.py: IndexError: list index out of range"),
    ],
)  # fmt: skip
def test_a_package_that_fails_is_told_and_does_no_harm(
    installed: list[EntryPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    _case: str, spec: str, connector: str, why: str,
) -> None:  # fmt: skip
    package = f"stockline_{tmp_path.name.rstrip('_')}"
    (tmp_path / package).mkdir()
    for name, text in (("__init__", ""), ("spec", spec), ("connector", connector)):
        (tmp_path / package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    installed.append(EntryPoint("cornershop", package, GROUP))
    told = f"connector cornershop ({package}) cannot be loaded: {why}; mend or remove it"
    assert registry.broken() == (registry.Broken("cornershop", package, told),)
    usable = {found.name for found in registry.specs()}
    assert "taobao" in usable
    assert "cornershop" not in usable


def test_a_package_that_is_listed_twice_is_one(installed: list[EntryPoint]) -> None:
    installed += [EntryPoint("cornershop", "stockline_cornershop", GROUP)] * 2
    assert registry.names().count("cornershop") == 1
