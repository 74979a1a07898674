"""Runs commands in this process, with settings and logs put back afterwards."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from connectors.kit.contract.base import ITEMS
from connectors.medusa.sandbox import MedusaSandbox
from hub.cli.main import main
from hub.settings import load
from hub.store import migrate
from hub.wiring import Hub


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """`run("stock", "--json")`: the command on a data folder of the test's own."""
    for name in [name for name in os.environ if name.startswith("STOCKLINE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STOCKLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "160")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def command(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["stockline", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    yield command
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def hub_in(tmp_path: Path) -> Hub:
    """The hub on the data folder of a test's commands."""
    hub = Hub(load(data_dir=tmp_path / "data"))
    migrate.upgrade(hub.db)
    return hub


@pytest.fixture
def practice(monkeypatch: pytest.MonkeyPatch) -> Iterator[MedusaSandbox]:
    """A practice shop with goods; its key stands in SHOP_KEY."""
    sandbox = MedusaSandbox()
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        monkeypatch.setenv("SHOP_KEY", sandbox.secrets["api_key"])
        yield sandbox
    finally:
        sandbox.stop()


def connected(run: Run, sandbox: MedusaSandbox) -> None:
    """Connect the practice shop as `live`."""
    pairs = [text for name, value in sandbox.settings.items() for text in ("--set", f"{name}={value}")]
    done = run("connection", "add", "medusa", "live", *pairs, "--secret", "api_key=env:SHOP_KEY")
    assert done.code == 0, done.err


def stocked(run: Run, sandbox: MedusaSandbox, **pieces: int) -> MedusaSandbox:
    """Count so many pieces of SKUs of ours (`_` for `-`) in a new warehouse BER, and connect the practice shop."""
    commands = [("warehouse", "add", "BER", "--country", "DE")]
    for name, number in pieces.items():
        sku = name.replace("_", "-")
        commands += [("item", "add", sku), ("stock", "set", sku, "BER", str(number))]
    for command in commands:
        assert run(*command).code == 0, command
    connected(run, sandbox)
    return sandbox
