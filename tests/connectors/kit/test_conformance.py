"""What `stockline connectors test` finds: the contract against the sandbox, and a live channel that is only read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.conformance import Conformance, Verdict, look, prove
from connectors.kit.contract import plugin
from connectors.kit.contract.base import ITEMS, SHOPPER, ContractBase
from connectors.kit.practice.server import Reply, Request
from connectors.kit.scaffold import PACKAGE
from connectors.kit.template.connector import CONNECTOR
from connectors.kit.template.sandbox import PracticeShop
from hub.canonical.errors import BadInput, Misconfigured, NotFound
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Channel, Connection, ConnectorSpec

Asked = list[tuple[str, str]]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What is registered in this test: the template."""
    packages = {"shelfmart": PACKAGE}
    monkeypatch.setattr(registry, "_packages", lambda: packages)
    registry.spec.cache_clear()
    yield packages
    registry.spec.cache_clear()


@pytest.fixture
def shop() -> Iterator[PracticeShop]:
    shop = PracticeShop()
    shop.start()
    shop.stock_shelves(ITEMS)
    yield shop
    shop.stop()


@pytest.fixture
def asked(shop: PracticeShop) -> Asked:
    """Every request from now on, as (method, path)."""
    kept: Asked = []

    def keep(request: Request, reply: Reply) -> None:
        kept.append((request.method, request.path))

    shop.server.watch = keep
    return kept


def _channel(shop: PracticeShop, token: str = "") -> Channel:
    secrets = {"token": token} if token else shop.secrets
    return CONNECTOR(Connection(1, "live", "shelfmart", shop.settings, secrets))


def test_a_live_channel_is_read_and_never_written(known: dict[str, str], shop: PracticeShop, asked: Asked) -> None:
    shop.place_order(SHOPPER, [("MUG-RED", 2)])
    before = (shop.book(), shop.shown_stock())
    assert look("shelfmart", _channel(shop)) == Conformance("shelfmart", "bronze", (
        Verdict("check", "passed", "2 findings, all fine"),
        Verdict("pull a page of orders", "passed", "1 records, 1 orders"),
        Verdict("read listings", "passed", "3 listings"),
        Verdict("read stock", "passed", "3 numbers"),
    ))  # fmt: skip
    assert {method for method, _ in asked} == {"GET"}
    assert (shop.book(), shop.shown_stock()) == before


def test_what_a_live_channel_refuses_is_told_with_how_to_mend_it(known: dict[str, str], shop: PracticeShop) -> None:
    found = look("shelfmart", _channel(shop, "not-the-token"))
    assert not found.passed
    assert found.verdicts[0] == Verdict("check", "failed", "token: the shop refused it: make a new one in its admin")
    assert [verdict.outcome for verdict in found.verdicts[1:3]] == ["failed", "failed"]
    assert "not-the-token" not in repr(found)


def test_a_fault_of_the_connector_is_told_with_its_place(known: dict[str, str]) -> None:
    class Faulty(BaseChannel):
        spec = ConnectorSpec("shelfmart", "Faulty", frozenset())

        def check(self, callback_url: str | None = None) -> tuple[()]:
            raise KeyError("orders")

    (checked, *others) = look("shelfmart", Faulty()).verdicts
    assert (checked.outcome, checked.why.split(", at ")[0]) == ("failed", "KeyError: 'orders'")
    assert f"{__file__}:" in checked.why
    assert len(others) == 3


def test_a_verb_that_is_not_declared_is_not_asked(known: dict[str, str]) -> None:
    class Silent(BaseChannel):
        spec = ConnectorSpec("shelfmart", "Silent", frozenset())

        def check(self, callback_url: str | None = None) -> tuple[()]:
            return ()

    assert look("shelfmart", Silent()).verdicts[1:] == tuple(
        Verdict(test, "not applicable", f"does not declare {verb}")
        for test, verb in (
            ("pull a page of orders", "pull_orders"), ("read listings", "pull_listings"), ("read stock", "read_stock"),
        )
    )  # fmt: skip


def test_a_channel_of_our_own_is_proven_by_the_tests_of_the_repository() -> None:
    found = prove("feed")
    assert (found.level, found.proven, found.count("passed"), found.count("failed")) == ("silver", True, 10, 0)
    left_out = {verdict.test: verdict.why for verdict in found.verdicts if verdict.outcome == "exempt"}
    assert left_out["TestFeed::test_check_finds_bad_credentials_without_showing_them"] == (
        "the hub has no credentials of the dealer"
    )


@pytest.mark.parametrize(
    ("contract", "test", "why"),
    [
        ("def test_it():\n    assert 1 + 1 == 3\n", "test_it", "assert (1 + 1) == 3"),
        (
            "import nowhere\n",
            "{package}/contract.py",
            "ModuleNotFoundError: No module named 'nowhere', at {package}/contract.py:1",
        ),
    ],
)
def test_a_failure_is_told_by_its_first_line(
    contract: str, test: str, why: str, known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _package(tmp_path, monkeypatch, known, contract)
    found = prove("shelfmart")
    assert (found.level, found.passed) == ("", False)
    assert found.verdicts == (Verdict(test.format(package=package.name), "failed", why.format(package=package.name)),)


def test_a_level_is_not_proven_where_the_contract_did_not_compare_it(
    known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _package(tmp_path, monkeypatch, known, "def test_it():\n    pass\n")
    (package / "quality.toml").write_text('level = "gold"\n[rules]\n', encoding="utf-8")
    found = prove("shelfmart")
    assert (found.level, found.passed, found.proven) == ("gold", True, False)


def test_a_contract_that_ends_pytest_is_one_line(
    known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, monkeypatch, known, "import os, sys\nsys.stderr.write('enough')\nos._exit(3)\n")
    with pytest.raises(BadInput, match="the contract suite of shelfmart did not run: "):
        prove("shelfmart")


def test_a_skipped_test_does_not_apply_and_alone_proves_nothing(
    known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, monkeypatch, known, "import pytest\n\ndef test_it():\n    pytest.skip('no server here')\n")
    found = prove("shelfmart")
    assert found.verdicts == (Verdict("test_it", "not applicable", "no server here"),)
    assert not found.passed


def test_a_package_without_a_contract_is_told_what_it_needs(
    known: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, monkeypatch, known, "").joinpath("contract.py").unlink()
    with pytest.raises(BadInput, match="shelfmart brings no contract to be held to: its package needs contract"):
        prove("shelfmart")


def test_a_package_that_cannot_be_imported_is_named(known: dict[str, str]) -> None:
    known["shelfmart"] = "stockline_nowhere"
    with pytest.raises(
        Misconfigured, match=r"connector shelfmart \(stockline_nowhere\) cannot be loaded: spec.py: No module"
    ):
        registry.spec("shelfmart")
    with pytest.raises(NotFound, match="no connector named 'shelfmart' reads order files; there are: "):
        registry.reader_of("shelfmart")


def test_without_pytest_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytest", None)
    with pytest.raises(BadInput, match=r"needs pytest: pip install 'stockline\[contract\]'"):
        prove("feed")


def test_an_unknown_connector_is_named() -> None:
    with pytest.raises(NotFound, match=r"no connector named 'ebey'; there are: \w+, "):
        prove("ebey")


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, str], contract: str) -> Path:
    """An importable package that is registered as shelfmart: the template's connector with a contract of its own."""
    package = folder / f"package_{folder.name}"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "contract.py").write_text(contract, encoding="utf-8")
    for part, name in (("spec", "SPEC"), ("connector", "CONNECTOR")):
        (package / f"{part}.py").write_text(f"from {PACKAGE}.{part} import {name}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    known["shelfmart"] = package.name
    return package


def test_the_tests_of_a_package_that_is_not_installed_say_so(known: dict[str, str]) -> None:
    class NotInstalled(ContractBase):
        def name(self) -> str:
            return "cornershop"

    item: Any = SimpleNamespace(cls=NotInstalled, name="test_x", iter_markers=lambda _: ())
    with pytest.raises(pytest.UsageError, match=r"no connector named 'cornershop'; .*Install the package first"):
        plugin._left_out(item)


def test_what_breaks_in_the_connectors_code_is_told_with_its_line_there() -> None:
    shop = {"__name__": "stockline_shop.connector"}
    exec(compile("def pull(): return {}['orders']", "/srv/shop/connector.py", "exec"), shop)  # noqa: S102
    pull: Any = shop["pull"]
    with pytest.raises(KeyError) as caught:
        pull()
    assert plugin._words(caught.value, "stockline_shop") == "KeyError: 'orders', at /srv/shop/connector.py:1"
    assert plugin._words(caught.value, "elsewhere") == "KeyError: 'orders', at /srv/shop/connector.py:1"
    assert plugin._words(AssertionError("first\nsecond"), "stockline_shop") == "first"
