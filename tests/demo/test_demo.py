"""The demo's promises on a shorter script: every fault strikes, every zero is zero, in both forms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEYS = (
    "placed", "imported", "lost", "duplicated", "oversold_units", "held", "routed", "shipped", "cancelled",
    "refused_short", "stock_drift", "ledger_mismatches", "faults", "seconds", "peak_rss_mb",
)  # fmt: skip
ZEROS = ("lost", "duplicated", "oversold_units", "stock_drift", "ledger_mismatches", "held")


def stockline(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in an empty folder with no settings of ours in the environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STOCKLINE_")}
    program = [sys.executable, "-m", "hub.cli.main", *arguments]
    return subprocess.run(program, cwd=folder, env=clean, capture_output=True, text=True, timeout=280, check=False)


def well(done: subprocess.CompletedProcess[str], orders: int) -> dict[str, Any]:
    """The result of a run that has to be well."""
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    assert tuple(result) == KEYS
    assert {name: result[name] for name in ZEROS} == dict.fromkeys(ZEROS, 0)
    assert result["placed"] == result["imported"] >= orders
    assert result["shipped"] + result["cancelled"] + result["refused_short"] == result["placed"]
    assert min(result["faults"].values()) >= 3
    return result


@pytest.mark.timeout(300)
def test_one_process_on_sqlite_comes_to_rest_with_every_zero(tmp_path: Path) -> None:
    well(stockline(["demo", "--once", "--json", "--orders", "90"], tmp_path), 90)
    audited = stockline(["audit", "--json"], tmp_path)
    assert audited.returncode == 0, audited.stderr
    report = json.loads(audited.stdout)
    assert report["mismatches"] == 0
    assert report["ledger_rows"] > 150


@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.timeout(300)
def test_two_workers_on_postgresql_and_rabbitmq_give_the_same_zeros(
    tmp_path: Path, new_postgres_url: Callable[[], str], rabbitmq_url: str
) -> None:
    place = ["--database-url", new_postgres_url(), "--broker-url", rabbitmq_url]
    well(stockline(["demo", "--once", "--json", "--orders", "90", *place], tmp_path), 90)
    audited = stockline(["audit", "--json", *place], tmp_path)
    assert (audited.returncode, json.loads(audited.stdout)["mismatches"]) == (0, 0)


def test_a_database_with_a_real_connection_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    for name in ("in", "out"):
        (folder / name).mkdir()
    added = stockline(
        ["connection", "add", "x12", "real-dealer", "--set", f"inbound_dir={folder / 'in'}",
         "--set", f"outbound_dir={folder / 'out'}", "--set", "partner_id=ACME", "--set", "our_id=US"], tmp_path,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    refused = stockline(["demo", "--once", "--json", "--orders", "1"], tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "this database holds real connections (real-dealer)" in refused.stderr


def test_json_needs_once(tmp_path: Path) -> None:
    refused = stockline(["demo", "--json"], tmp_path)
    assert refused.returncode == 2
    assert "--json goes with --once" in refused.stderr
