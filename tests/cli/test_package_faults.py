"""A fault in the code of another firm's connector is one line that names the package, the place and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.medusa.sandbox import MedusaSandbox
from hub.main import create_app
from hub.ports.channel import CONNECTORS
from hub.reports.dead import dead_letters
from hub.settings import load
from hub.usecases.ingest_inbox import TRIES
from hub.wiring import Hub
from tests.cli.conftest import Done, Run, connected
from tests.fixtures.pages import MovedClock, Web

SPEC = """
from hub.ports.channel import Can, ConnectorSpec, Field
CAN = frozenset({Can.PULL_ORDERS, Can.PULL_LISTINGS, Can.FETCH_ORDER})
SPEC = ConnectorSpec("corner", "Corner", CAN, (Field("breaks", "What breaks"),), calls_per_second=0)
"""
CONNECTOR = """
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Page, RawRecord
from .spec import SPEC

class Shop(BaseChannel):
    spec = SPEC
    def __init__(self, connection):
        self.breaks = connection.settings["breaks"]
        self.run("start")
    def run(self, verb):
        if verb == self.breaks:
            {}["orders"]
    def check(self, callback_url=None):
        self.run("check")
        return None if self.breaks == "nothing" else ()
    def pull_listings(self):
        self.run("pull_listings")
        return iter(["a listing"] if self.breaks == "listing" else [])
    def pull_orders(self, cursor):
        yield Page((RawRecord("7", b"{}"),), "1")
        self.run("pull_orders")
    def fetch_order(self, ref):
        self.run("check")
    def to_orders(self, record):
        self.run("to_orders")
        return ()

CONNECTOR = Shop
"""
LINE = 1 + CONNECTOR.splitlines().index('            {}["orders"]')
BLAME = (
    "stockline: connector corner: its package {package} has a fault of its own in {verb} ({words}); neither Stockline "
    "nor your shop is to blame: report this to the maker of the package, or install another version of it; all other "
    "connections go on"
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that is installed and registers the connector `corner`; `breaks` says where it fails."""
    folder = tmp_path / f"stockline_{tmp_path.name.rstrip('_')}"
    folder.mkdir()
    for name, text in (("__init__", ""), ("spec", SPEC), ("connector", CONNECTOR)):
        (folder / f"{name}.py").write_text(text)
    points = EntryPoints([EntryPoint("corner", folder.name, CONNECTORS)])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    _forget()
    yield folder
    _forget()


def _forget() -> None:
    registry._installed.cache_clear()
    registry.spec.cache_clear()


def blame(package: Path, verb: str, words: str = "") -> str:
    words = words or f"KeyError: 'orders', at {package / 'connector.py'}:{LINE}"
    return BLAME.format(package=package.name, verb=verb, words=words)


def last(done: Done) -> str:
    """The last line that was said on stderr; the log comes before it."""
    return done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("breaks", "verb", "words"),
    [
        ("pull_listings", "pull_listings", ""),
        ("pull_orders", "pull_orders", ""),
        ("listing", "pull_listings", "it gave str where ListingOffer is wanted"),
    ],
)
def test_a_pull_says_whose_fault_it_is_and_where(
    run: Run, package: Path, practice: MedusaSandbox, breaks: str, verb: str, words: str
) -> None:
    assert run("connection", "add", "corner", "bad", "--set", f"breaks={breaks}").code == 0
    connected(run, practice)
    done = run("connection", "pull", "bad")
    assert (done.code, done.out, last(done)) == (1, "", blame(package, verb, words))
    assert "Traceback" not in done.err
    logged = json.loads(done.err.splitlines()[0])
    assert (logged["level"], "connector.py:" in str(logged.get("where"))) == ("error", breaks != "listing")
    assert [row["state"] for row in json.loads(run("connection", "list", "--json").out)] == ["active", "active"]
    assert run("connection", "pull", "live").code == 0


@pytest.mark.parametrize(
    ("breaks", "words"), [("check", ""), ("nothing", "it gave None where tuple of Finding is wanted")]
)
def test_a_check_says_whose_fault_it_is_and_where(run: Run, package: Path, breaks: str, words: str) -> None:
    run("connection", "add", "corner", "bad", "--set", f"breaks={breaks}")
    done = run("connection", "check", "bad")
    why = blame(package, "check", words).removeprefix("stockline: ")
    assert (done.code, done.out) == (1, f"WRONG     reach the channel: {why}\n")


def test_a_package_that_fails_at_its_start_is_named_where_it_is_connected(run: Run, package: Path) -> None:
    done = run("connection", "add", "corner", "bad", "--set", "breaks=start")
    assert (done.code, last(done)) == (1, blame(package, "CONNECTOR"))
    assert run("connection", "list", "--json").out == "[]\n"


def test_a_message_that_a_package_fails_on_is_held_with_its_name(run: Run, package: Path) -> None:
    run("connection", "add", "corner", "bad", "--set", "breaks=to_orders")
    done = run("connection", "pull", "bad")
    assert (done.code, done.out.splitlines()[0]) == (0, f"listings: 0, received: 1, read: {TRIES}, placed: 0, held: 1")
    held = run("holds").out.splitlines()
    assert held[0] == f"1 message of bad failed in another package's code ({package.name}: KeyError)"
    assert held[2].strip() == blame(package, "to_orders").removeprefix("stockline: ")
    assert held[3].startswith("  Nothing is lost: what waits is kept as it came. Report the fault to the maker of")
    assert held[4].startswith("  → stockline holds again ")
    (cause,) = json.loads(run("holds", "--kind", "package_fault", "--json").out)["causes"]
    assert cause["commands"] == [held[4].removeprefix("  → ")]
    with Hub(load()) as hub:
        (letter,) = dead_letters(hub.db, kind="inbox")
    assert (letter.kind, letter.error) == ("inbox", held[2].strip())


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "has a fault of its own in {}"), ("zh_CN", "自身的程序在 {} 中出错")],
)
def test_the_pages_say_it_too(run: Run, package: Path, language: str, words: str) -> None:
    run("connection", "add", "corner", "bad", "--set", "breaks=check")
    with Hub(load()) as hub:
        admin = Web(create_app(hub), hub.context(), MovedClock(datetime.now(UTC))).as_role("admin")
        admin.cookies.set("stockline_language", language)
        checked = admin.post("/channels/1/check")
        fetched = admin.post("/channels/1/fetch", data={"number": "7"})
    for answer, status, verb in ((checked, 200, "check"), (fetched, 502, "fetch_order")):
        text = unescape(answer.text)
        assert answer.status_code == status
        assert words.format(verb) in text and f"{package / 'connector.py'}:{LINE}" in text and package.name in text
