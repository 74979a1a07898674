"""What pytest must know of the contract: `-p connectors.kit.contract.plugin`, or a line in `pytest_plugins`.

It leaves out the tests that do not apply to a channel and says which and why; `--contract-report FILE` writes
what became of each test as JSON: [{"test", "outcome": "passed", "failed" or "not applicable", "why"}].
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.errors import NotFound

_LEFT_OUT = pytest.StashKey[dict[str, str]]()
NEEDS = "needs: verbs that a channel must declare for a test of the contract"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The file that `stockline connectors test` reads."""
    parser.addoption("--contract-report", metavar="FILE", help="write what became of each test, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """The contract's mark, known wherever it is inherited."""
    config.addinivalue_line("markers", NEEDS)
    if config.getoption("--contract-report"):
        config.pluginmanager.register(_Report(config), "contract-report")


def _reason(item: pytest.Item) -> str:
    cls: Any = getattr(item, "cls", None)
    if not hasattr(cls, "not_for_us"):
        return ""
    verbs = [verb for mark in item.iter_markers("needs") for verb in mark.args]
    try:
        return str(cls().not_for_us(getattr(item, "originalname", item.name), verbs))
    except NotFound as error:
        raise pytest.UsageError(f"{error}. Install the package first: pip install -e '.[test]'") from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A passport that does not declare a verb, or an exemption in `quality.toml`, takes a test out of the run."""
    reasons = {item: reason for item in items if (reason := _reason(item))}
    config.stash[_LEFT_OUT] = {item.nodeid: reason for item, reason in reasons.items()}
    if reasons:
        config.hook.pytest_deselected(items=list(reasons))
        items[:] = [item for item in items if item not in reasons]


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """The list of what was left out, at -v."""
    left_out = config.stash.get(_LEFT_OUT, {})
    return [f"does not apply: {test}: {why}" for test, why in left_out.items()] if config.get_verbosity() > 0 else []


class _Report:
    """Keeps what became of each test, and writes it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._file = config, Path(config.getoption("--contract-report"))
        self._ran: dict[str, tuple[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure in any phase stands; a test that skipped itself does not apply."""
        if report.failed:
            self._ran[report.nodeid] = ("failed", _words(report))
        elif report.skipped:
            self._ran[report.nodeid] = ("not applicable", _words(report))
        else:
            self._ran.setdefault(report.nodeid, ("passed", ""))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What cannot be imported is a failure with its last line."""
        if report.failed:
            self._ran[report.nodeid] = ("failed", str(report.longrepr).splitlines()[-1].removeprefix("E").strip())

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        left_out = {test: ("not applicable", why) for test, why in self._config.stash.get(_LEFT_OUT, {}).items()}
        rows = [
            {"test": test.partition("::")[2] or test, "outcome": outcome, "why": why}
            for test, (outcome, why) in (self._ran | left_out).items()
        ]
        self._file.write_text(json.dumps(rows), encoding="utf-8")


def _words(report: pytest.TestReport) -> str:
    """The first line of what went wrong, or why it was skipped."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else report.longreprtext
    return str(text).strip().splitlines()[0] if str(text).strip() else "failed"
