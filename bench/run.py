"""Runs the bench: the chosen keys one after the other, judged, with the machine they ran on."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from bench.keys import KEYS
from bench.places import server_url
from bench.registry import Key
from hub.canonical.errors import BadInput, Misconfigured


def chosen(names: Sequence[str]) -> list[Key]:
    """The keys that are named, or whose group (`pg`, `routing`) is; all of them without names.

    Raises: BadInput: there is no such key.
    """
    for name in names:
        if not any(_is(key, name) for key in KEYS):
            raise BadInput(f"--only {name}: no such key; there are: {', '.join(key.name for key in KEYS)}")
    return [key for key in KEYS if not names or any(_is(key, name) for name in names)]


def _is(key: Key, name: str) -> bool:
    return key.name == name or key.name.startswith(f"{name}.")


def run(names: Sequence[str], quick: bool, tell: Callable[[Key, dict[str, Any]], None]) -> dict[str, Any]:
    """Measure; `tell` hears of each figure as soon as it is there. Returns all of them by key, machine and seconds."""
    begun = time.monotonic()
    found: dict[str, Any] = {}
    for key in chosen(names):
        started = time.monotonic()
        figure = key.judged(key.measure(quick))
        found[key.name] = figure | {"took_s": round(time.monotonic() - started, 1)}
        tell(key, found[key.name])
    return {**found, "machine": machine(), "quick": quick, "seconds": round(time.monotonic() - begun, 1)}


def failed(result: dict[str, Any]) -> list[str]:
    """The keys whose bar was missed."""
    return [name for name, figure in result.items() if isinstance(figure, dict) and figure.get("ok") is False]


def machine() -> dict[str, Any]:
    """What it ran on: a figure means nothing without it."""
    return {
        "cpus": os.cpu_count(), "cpu": _cpu(), "system": platform.platform(), "python": platform.python_version(),
        "load": [round(each, 2) for each in os.getloadavg()], "postgres": _postgres(),
    }  # fmt: skip


def _cpu() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    found = next((line for line in lines if line.startswith("model name")), "")
    return found.partition(":")[2].strip() or platform.processor()


def _postgres() -> dict[str, str] | None:
    names = ("server_version", "shared_buffers", "synchronous_commit", "fsync", "full_page_writes", "max_wal_size")
    try:
        with psycopg.connect(server_url(), connect_timeout=3) as server:
            return {name: str(server.execute(f"SHOW {name}".encode()).fetchone()[0]) for name in names}  # type: ignore[index]
    except (Misconfigured, psycopg.Error):
        return None
