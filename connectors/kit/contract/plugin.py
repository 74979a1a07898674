"""What pytest must know of the contract: `-p connectors.kit.contract.plugin`, or a line in `pytest_plugins`.

It leaves out the tests that do not apply to a channel and says which and why; `--contract-report FILE` writes
what became of each test as JSON: [{"test", "outcome": "passed", "failed", "not applicable" or "exempt", "why"}].
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.contract.base import ContractBase
from connectors.kit.contract.claims import suite_tests
from hub.canonical.crash import crash_place, crash_words
from hub.canonical.errors import NotFound, StocklineError

_LEFT_OUT = pytest.StashKey[dict[str, tuple[str, str]]]()
NEEDS = "needs: verbs that a channel must declare for a test of the contract"
_PLACE = re.compile(r"^(\S+:\d+): in ", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The file that `stockline connectors test` reads."""
    parser.addoption("--contract-report", metavar="FILE", help="write what became of each test, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """The contract's mark, known wherever it is inherited."""
    config.addinivalue_line("markers", NEEDS)
    if config.getoption("--contract-report"):
        config.pluginmanager.register(_Report(config), "contract-report")


def _left_out(item: pytest.Item) -> tuple[str, str]:
    """How and why a test of the contract is left out; ("", "") where it is not. Raises UsageError."""
    cls: Any = getattr(item, "cls", None)
    if not hasattr(cls, "not_for_us"):
        return "", ""
    verbs = [verb for mark in item.iter_markers("needs") for verb in mark.args]
    try:
        found: tuple[str, str] = cls().not_for_us(getattr(item, "originalname", item.name), verbs)
    except NotFound as error:
        raise pytest.UsageError(f"{error}. Install the package first: pip install -e '.[test]'") from None
    except StocklineError as error:
        raise pytest.UsageError(str(error)) from None
    except Exception as fault:  # noqa: BLE001 - a fault of the connector's practice shop, told once for all tests
        raise pytest.UsageError(f"{cls.__name__}: {crash_words(fault)}") from None
    return found


def _refuse_overwritten(items: list[pytest.Item]) -> None:
    """A class that puts a test of its own in the place of the contract's proves nothing. Raises UsageError."""
    for cls in {cls for item in items if (cls := getattr(item, "cls", None)) and issubclass(cls, ContractBase)}:
        for name in sorted(suite_tests().keys() & {name for name, _ in inspect.getmembers(cls, callable)}):
            module = getattr(cls, name).__module__
            if not module.startswith(f"{__package__}."):
                raise pytest.UsageError(
                    f"{cls.__name__} overwrites {name} ({module}): give it another name; what the platform cannot have "
                    "is named under [exempt] of quality.toml"
                )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A passport that does not declare a verb, or an exemption in `quality.toml`, takes a test out of the run."""
    _refuse_overwritten(items)
    reasons = {item: reason for item in items if any(reason := _left_out(item))}
    config.stash[_LEFT_OUT] = {item.nodeid: reason for item, reason in reasons.items()}
    if reasons:
        config.hook.pytest_deselected(items=list(reasons))
        items[:] = [item for item in items if item not in reasons]


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """The list of what was left out, at -v."""
    left_out = config.stash.get(_LEFT_OUT, {})
    lines = [f"{'does not apply' if how == 'not applicable' else how}: {test}: {why}"
             for test, (how, why) in left_out.items()]  # fmt: skip
    return lines if config.get_verbosity() > 0 else []


class _Report:
    """Keeps what became of each test, and writes it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config, self._file = config, Path(config.getoption("--contract-report"))
        self._ran: dict[str, tuple[str, str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A failure in any phase stands; a test that skipped itself does not apply."""
        report = yield
        if report.failed:
            why = _words(call.excinfo.value, _package(item)) if call.excinfo else "failed"
            self._ran[item.nodeid] = ("failed", why)
        elif report.skipped:
            self._ran[item.nodeid] = ("not applicable", str(call.excinfo.value) if call.excinfo else "skipped")
        else:
            self._ran.setdefault(item.nodeid, ("passed", ""))
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What cannot be imported is a failure with its last line, and its place."""
        if report.failed:
            told = str(report.longrepr)
            why = told.splitlines()[-1].removeprefix("E").strip()
            places = _PLACE.findall(told)
            self._ran[report.nodeid] = ("failed", f"{why}, at {places[-1]}" if places else why)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the file, unless the tests could not be used at all."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        rows = [
            {"test": test.partition("::")[2] or test, "outcome": outcome, "why": why}
            for test, (outcome, why) in (self._ran | self._config.stash.get(_LEFT_OUT, {})).items()
        ]
        self._file.write_text(json.dumps(rows), encoding="utf-8")


def _package(item: pytest.Item) -> str:
    """The package of the connector that a test is about; "" where it says none."""
    cls: Any = getattr(item, "cls", None)
    return registry.package_of(cls().name()) if hasattr(cls, "not_for_us") else ""


def _words(error: BaseException, package: str) -> str:
    """What went wrong, and where: in the connector's own code, or else where it came up."""
    if isinstance(error, StocklineError):
        words, place = str(error), crash_place(error, package)
    elif isinstance(error, AssertionError | pytest.fail.Exception):
        words = next(iter(str(error).strip().splitlines()), "failed")
        place = crash_place(error, package) if package else ""
    else:
        words, place = f"{type(error).__name__}: {error}", crash_place(error, package) or crash_place(error)
    return f"{words}, at {place}" if place else words
