"""Holds a connector to its contract: against its sandbox with pytest, or, reading only, against a live connection."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import connectors
from connectors.kit.levels import LEVELS, Claim, claims, reached
from connectors.kit.quality import read_quality
from connectors.kit.registry import load, package_of
from hub.canonical.crash import crash_words
from hub.canonical.errors import BadInput, StocklineError
from hub.ports.channel import Can, Channel, ListingOffer, Page, StockLine

Outcome = Literal["passed", "failed", "not applicable", "exempt"]
PLUGIN = "connectors.kit.contract.plugin"
COMPARES = "::test_the_quality_file_is_true"
MOST_LISTINGS = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One test and what became of it; `why`: what failed and where, or why it does not apply or is exempt."""

    test: str
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Conformance:
    """What was tried of one connector. level: what its `quality.toml` claims, "" for nothing. verdicts: failures last.

    rules: what its claims came to; none where it was only looked at.  suite: the file of its contract, "" for none.
    """

    connector: str
    level: str
    verdicts: tuple[Verdict, ...]
    rules: tuple[Claim, ...] = ()
    suite: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything that applies passed, and something did."""
        return self.count("failed") == 0 and self.count("passed") > 0

    @property
    def true(self) -> bool:
        """Whether nothing claimed is false: all passed, and the contract compared the quality file with what it found.

        What only the connector's own tests can hold may be claimed beside it.
        """
        compared = (verdict for verdict in self.verdicts if verdict.test.endswith(COMPARES))
        return bool(self.level) and self.passed and any(verdict.outcome == "passed" for verdict in compared)

    @property
    def proven_level(self) -> str:
        """The highest level of which the contract holds every rule that is not exempt, as far as it is claimed."""
        return min(self.level, reached(self.rules), key=("", *LEVELS).index) if self.true else ""

    @property
    def proven(self) -> bool:
        """Whether the contract holds the level that is claimed."""
        return bool(self.level) and self.proven_level == self.level

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Rules that are claimed, and that no test of the contract holds."""
        return tuple(claim.rule for claim in self.rules if claim.standing == "claimed, not checked")

    def count(self, outcome: Outcome) -> int:
        """How many tests ended so."""
        return Counter(verdict.outcome for verdict in self.verdicts)[outcome]


def prove(name: str) -> Conformance:
    """Run the contract suite of one connector in a process of its own, against its sandbox.

    Raises: NotFound: no such connector. Misconfigured: its package cannot be loaded, or its `quality.toml` not be read.
            BadInput: it brings no contract, or pytest is missing or broke off.
    """
    if importlib.util.find_spec("pytest") is None:
        raise BadInput("the contract suite needs pytest: pip install 'stockline[contract]'")
    load(name)
    suite, quality = _suite(name), read_quality(name)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", str(suite), f"--rootdir={_root(suite)}", f"--contract-report={report}",
             "-q", "-p", PLUGIN, "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"],
            cwd=_root(suite), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.exists():
            raise BadInput(f"the contract suite of {name} did not run: {_last(ran.stderr or ran.stdout)}")
        rows = json.loads(report.read_text(encoding="utf-8"))
    verdicts = tuple(sorted((Verdict(**row) for row in rows), key=lambda verdict: verdict.outcome == "failed"))
    return Conformance(name, quality.level, verdicts, claims(quality.rules, _by_test(verdicts)), str(suite))


def _by_test(verdicts: Iterable[Verdict]) -> dict[str, set[str]]:
    """A test's bare name -> what became of it, in all classes and with all parameters."""
    found: dict[str, set[str]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.test.rpartition("::")[2].partition("[")[0], set()).add(verdict.outcome)
    return found


def _suite(name: str) -> Path:
    """The package's `contract.py`; a channel of our own has it among the tests of the repository."""
    brought = Path(str(files(package_of(name)) / "contract.py"))
    ours = Path(connectors.__path__[0]).parent / "tests" / "connectors" / name / "test_contract.py"
    for file in (brought, ours):
        if file.is_file():
            return file
    raise BadInput(f"{name} brings no contract to be held to: its package needs contract.py (docs/add-a-channel.md)")


def _root(suite: Path) -> Path:
    """The folder that its package is imported from."""
    return next(parent for parent in suite.parents if not (parent / "__init__.py").exists())


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "pytest said nothing"


def look(name: str, channel: Channel) -> Conformance:
    """Ask a live channel only what changes nothing: the check without webhooks, one page of orders and its translation,
    listings, and the numbers shown. Nothing is written, acknowledged or kept."""
    can, listings = channel.spec.can, list[ListingOffer]()

    def some() -> str:
        listings.extend(islice(channel.pull_listings(), MOST_LISTINGS))
        return f"{len(listings)} listings"

    return Conformance(name, read_quality(name).level, (
        _tried("check", lambda: _checked(channel)),
        _asked("pull a page of orders", can, Can.PULL_ORDERS, lambda: _page(channel)),
        _asked("read listings", can, Can.PULL_LISTINGS, some),
        _asked("read stock", can, Can.READ_STOCK, lambda: _numbers(channel, listings)),
    ))  # fmt: skip


def _asked(test: str, can: Iterable[Can], needed: Can, ask: Callable[[], str]) -> Verdict:
    return _tried(test, ask) if needed in can else Verdict(test, "not applicable", f"does not declare {needed}")


def _tried(test: str, ask: Callable[[], str]) -> Verdict:
    """Passed with what was found, or failed: with the channel's error, or with the place of the connector's fault."""
    try:
        return Verdict(test, "passed", ask())
    except StocklineError as error:
        return Verdict(test, "failed", str(error))
    except Exception as fault:  # noqa: BLE001 - a fault of the connector is what is looked for here
        return Verdict(test, "failed", crash_words(fault))


def _checked(channel: Channel) -> str:
    found = channel.check()
    wrong = [f"{finding.what}: {finding.mend}" for finding in found if not finding.ok]
    if wrong:
        raise BadInput("; ".join(wrong))
    return f"{len(found)} findings, all fine"


def _page(channel: Channel) -> str:
    """The first page of the oldest orders; it is not committed, so the channel keeps it."""
    pages = channel.pull_orders(None)
    page = next(pages, Page((), None))
    orders = [order for record in page.records if record.problem is None for order in channel.to_orders(record)]
    return f"{len(page.records)} records, {len(orders)} orders"


def _numbers(channel: Channel, listings: Iterable[ListingOffer]) -> str:
    lines = [StockLine(each.listing_ref, 0, "read only", each.sku, place=each.place) for each in listings]
    return f"{len(list(channel.read_stock(lines)))} numbers" if lines else "no listings to ask for"
