"""`stockline connectors` lists as before, writes new ones, and holds one to its contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.kit.conformance import Conformance, Verdict
from connectors.kit.contract.base import ITEMS
from connectors.kit.levels import Claim
from connectors.kit.scaffold import PACKAGE
from connectors.kit.template.sandbox import PracticeShop
from tests.cli.conftest import Run


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeShop]:
    """The template's shop, whose connector is registered beside our own."""
    packages = {**registry._packages(), "shelfmart": PACKAGE}
    monkeypatch.setattr(registry, "_packages", lambda: packages)
    shop = PracticeShop()
    shop.start()
    shop.stock_shelves(ITEMS)
    yield shop
    shop.stop()
    registry.spec.cache_clear()


def _connect(run: Run, shop: PracticeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", shop.secrets["token"])
    place = f"shop_url={shop.settings['shop_url']}"
    assert run("connection", "add", "shelfmart", "live", "--set", place, "--secret", "token=env:SHOP_TOKEN").code == 0


def test_alone_it_lists_as_before(run: Run) -> None:
    listed = run("connectors", "--json")
    assert listed.out == run("connectors", "list", "--json").out
    assert {"name", "title", "can", "quality", "loc"} <= json.loads(listed.out)[0].keys()
    assert run("connectors").out.split()[:3] == ["name", "title", "quality"]


def test_a_package_that_cannot_be_used_is_told_by_the_list_and_the_doctor(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = {"cornershop": "not_there", "shopify": "connectors.shopify"}
    monkeypatch.setattr(registry, "_packages", lambda: packages)
    why = "connector cornershop (not_there) cannot be loaded: spec.py: No module named 'not_there'; mend or remove it"
    listed = run("connectors", "--json")
    assert (listed.code, [row["name"] for row in json.loads(listed.out)]) == (0, ["shopify"])
    assert listed.err == f"stockline: {why}\n"
    assert f"WRONG  connectors: {why}\n       → all others go on: stockline connectors\n" in run("doctor").out


def test_new_says_where_it_is_and_what_to_do_next(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    done = run("connectors", "new", "cornershop", "--folder", str(folder))
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"Made {folder}. Now install and test it:\n"
        f"  pip install -e '{folder}[test]'\n"
        "  stockline connectors test cornershop\n"
    )
    assert (folder / "stockline_cornershop" / "connector.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("new", "x12"), "stockline: 'x12' is taken: a connector of that name is here already\n"),
        (("test", "ebey"), "stockline: no connector named 'ebey'; there are: "),
        (("test", "x12", "--connection", "nobody"), "stockline: no connection named 'nobody'; none yet; add one: "),
        (("tests",), "stockline: No such command 'tests'. "),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, arguments: tuple[str, ...], line: str) -> None:
    run("db", "upgrade")
    done = run("connectors", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(line)
    assert done.err.count("\n") == 1


def test_the_suite_is_a_table_and_a_verdict_on_the_level(run: Run) -> None:
    done = run("connectors", "test", "feed")
    assert done.code == 0
    *rows, last = done.out.splitlines()
    assert rows[0].split() == ["test", "outcome", "why"]
    assert "test_the_quality_file_is_true" in done.out
    assert last == "10 passed, 0 failed, 0 not applicable, 2 exempt. quality.toml claims: silver, proven."


def test_a_live_connection_is_read_and_proves_no_level(
    run: Run, shop: PracticeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(run, shop, monkeypatch)
    done = run("connectors", "test", "shelfmart", "--connection", "live")
    counts = "4 passed, 0 failed, 0 not applicable"
    words = "Nothing was written. Reading proves no level; quality.toml claims: bronze."
    assert (done.code, done.out.splitlines()[-1]) == (0, f"{counts}. {words}")
    body = json.loads(run("connectors", "test", "shelfmart", "--connection", "live", "--json").out)
    assert (body["connector"], body["level"], body["proven"]) == ("shelfmart", "bronze", None)
    assert body["tests"][1] == {
        "test": "pull a page of orders", "outcome": "passed", "why": "0 records, 0 orders",
    }  # fmt: skip


def test_what_is_away_fails_with_the_channels_words(
    run: Run, shop: PracticeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(run, shop, monkeypatch)
    shop.stop()
    done = run("connectors", "test", "shelfmart", "--connection", "live")
    assert done.code == 1
    assert re.search(r"http://127\.0\.0\.1:\d+ cannot be reached", done.out)


def test_a_connection_of_another_kind_is_refused(run: Run, shop: PracticeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    _connect(run, shop, monkeypatch)
    done = run("connectors", "test", "x12", "--connection", "live")
    assert (done.code, done.err) == (2, "stockline: live is a connection of shelfmart, not of x12\n")


def test_what_fails_is_exit_code_1_and_a_level_not_proven(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Conformance("feed", "silver", (Verdict("test_it", "failed", "assert 7 == 8"),))
    monkeypatch.setattr("hub.cli.connectors.prove", lambda name: failed)
    done = run("connectors", "test", "feed")
    assert (done.code, done.out.splitlines()[-1]) == (
        1,
        "0 passed, 1 failed, 0 not applicable. quality.toml claims: silver, NOT proven.",
    )
    assert "assert 7 == 8" in done.out
    assert done.err == "Holding Stock feed (a dealer who asks) to the contract; this takes a minute.\n"
    assert json.loads(run("connectors", "test", "feed", "--json").out)["proven"] is False


def test_failures_come_last_and_those_of_one_cause_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    why = "KeyError: 'orders', at /srv/shop/connector.py:50"
    verdicts = (Verdict("test_a", "passed"), Verdict("test_b", "failed", why), Verdict("test_c", "failed", why))
    found = Conformance("feed", "silver", verdicts, suite="/srv/shop/contract.py")
    monkeypatch.setattr("hub.cli.connectors.prove", lambda name: found)
    assert [line.rstrip() for line in run("connectors", "test", "feed").out.splitlines()] == [
        "test    outcome  why",
        "test_a  passed",
        f"FAILED  {why}",
        "        test_b",
        "        test_c",
        "The whole story of one: pytest -p connectors.kit.contract.plugin /srv/shop/contract.py -k TEST",
        "1 passed, 2 failed, 0 not applicable. quality.toml claims: silver, NOT proven.",
    ]


def test_gold_that_rests_on_a_claim_names_what_is_proven_and_what_is_not_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = (Claim("readme", "bronze", "proven"), Claim("limits_kept", "silver", "proven"),
             Claim("returns", "gold", "claimed, not checked"))  # fmt: skip
    verdicts = (Verdict("TestFeed::test_the_quality_file_is_true", "passed"),)
    monkeypatch.setattr("hub.cli.connectors.prove", lambda name: Conformance("feed", "gold", verdicts, rules))
    done = run("connectors", "test", "feed")
    assert (done.code, done.out.splitlines()[-1]) == (
        0,
        "1 passed, 0 failed, 0 not applicable. quality.toml claims: gold, NOT proven (silver is). "
        "Claimed, not checked (your own tests must hold it): returns.",
    )
    body = json.loads(run("connectors", "test", "feed", "--json").out)
    assert (body["proven"], body["proven_level"]) == (False, "silver")
    assert body["rules"][2] == {"rule": "returns", "level": "gold", "standing": "claimed, not checked", "why": ""}
