"""docs/api.md is true: its commands run against a real server, and its table of routes is the route table."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub.usecases.fix_holds import link_listing
from tests.api.conftest import Api
from tests.api.test_routes import ANYONE, POLICY
from tests.fakes.channel import payload
from tests.fixtures.need import skip_or_fail
from tests.fixtures.pages import served

BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def text(repo_root: Path) -> str:
    return (repo_root / "docs" / "api.md").read_text(encoding="utf-8")


def _steps(text: str) -> list[tuple[str, list[Any]]]:
    """Each block of commands, with the answers written below it."""
    steps: list[tuple[str, list[Any]]] = []
    for kind, body in BLOCK.findall(text):
        if kind == "sh":
            steps.append((body, []))
        else:
            steps[-1][1].append(json.loads(body))
    return steps


def _fits(written: Any, given: Any) -> bool:
    """What is written is a part of what was given; an ellipsis stands for anything."""
    if isinstance(written, dict):
        return isinstance(given, dict) and all(
            name in given and _fits(each, given[name]) for name, each in written.items()
        )
    if isinstance(written, list):
        return len(written) == len(given) and all(map(_fits, written, given))
    return bool(written == given or written == "…")


def _answers(printed: str) -> list[Any]:
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(printed):
        body, at = decoder.raw_decode(printed, at)
        found.append(body)
    return found


def _sell(api: Api) -> None:
    """The order of the examples arrives; there is stock for it."""
    link_listing(api.world.ctx, api.world.shop_id, "L-TSHIRT", "TSHIRT-M", actor="test")
    api.world.arrive(payload("1001", {"l1": ("L-TSHIRT", 2)}))


def _wait_for(address: str) -> None:
    """Until the server listens."""
    parts = urlsplit(address)
    for _ in range(200):
        with suppress(ConnectionRefusedError), socket.create_connection((parts.hostname, parts.port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {address}")


def test_the_examples_of_the_documentation_run_and_answer_what_is_written(api: Api, text: str) -> None:
    if shutil.which("curl") is None:
        skip_or_fail("no curl on the PATH (Debian: apt-get install curl)")
    key = api.key("operator").headers["authorization"].removeprefix("Bearer ")
    steps = _steps(text)
    assert len(steps) >= 8
    with served(api.app) as address:
        _wait_for(address)
        variables = os.environ | {"STOCKLINE": f"{address}/api/v1", "KEY": key, "no_proxy": "*"}
        for commands, written in steps:
            if "/orders?" in commands:
                _sell(api)
            script = re.sub(r"^export .*$", "", commands, flags=re.M)
            done = subprocess.run(
                ["bash", "-ec", script], env=variables, capture_output=True, text=True, timeout=60, check=False
            )
            assert (done.returncode, done.stderr) == (0, ""), commands
            given = _answers(done.stdout)
            assert len(given) == len(written), commands
            for expected, found in zip(written, given, strict=True):
                assert _fits(expected, found), f"{commands}\nwritten: {expected}\ngiven: {found}"


def test_the_table_of_routes_is_complete_and_names_the_permissions(text: str) -> None:
    rows = re.findall(r"^\| `([A-Z]+) (/\S+)` \| .+ \| (\S+) \|$", text, re.M)
    listed = {(method, path): needed for method, path, needed in rows}
    known = {(method, path.replace(":path", "")): needed for (method, path), needed in POLICY.items()}
    assert listed == {key: "none" if needed == ANYONE else needed for key, needed in known.items()}
    assert len(rows) == len(POLICY)
