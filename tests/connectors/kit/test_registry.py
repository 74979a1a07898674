"""Every connector has one name and one package, wherever the package comes from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from connectors.kit import registry
from hub.canonical.errors import Misconfigured

GROUP = "stockline.connectors"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """What packages register, in place of what is installed here."""
    points = list[EntryPoint]()
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints(points).select(group=group))
    registry._packages.cache_clear()
    yield points
    registry._packages.cache_clear()


def test_a_package_adds_its_connector_to_ours(installed: list[EntryPoint]) -> None:
    installed.append(EntryPoint("cornershop", "stockline_cornershop", GROUP))
    assert registry.package_of("cornershop") == "stockline_cornershop"
    assert registry.package_of("taobao") == "connectors.taobao"


@pytest.mark.parametrize(
    ("_case", "names", "why"),
    [
        (
            "ours",
            ("taobao",),
            "the package stockline_0 takes the name 'taobao', which the connector connectors.taobao has: remove the "
            "package, or register it under another name",
        ),
        (
            "another package's",
            ("cornershop", "cornershop"),
            "the package stockline_1 takes the name 'cornershop', which the connector stockline_0 has: remove the "
            "package, or register it under another name",
        ),
    ],
)
def test_a_name_that_is_taken_is_refused(
    installed: list[EntryPoint], _case: str, names: tuple[str, ...], why: str
) -> None:
    installed += [EntryPoint(name, f"stockline_{at}", GROUP) for at, name in enumerate(names)]
    with pytest.raises(Misconfigured) as refused:
        registry.names()
    assert str(refused.value) == why


def test_a_package_that_is_listed_twice_is_one(installed: list[EntryPoint]) -> None:
    installed += [EntryPoint("cornershop", "stockline_cornershop", GROUP)] * 2
    assert registry.names().count("cornershop") == 1
