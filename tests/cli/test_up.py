"""`stockline up` on an empty folder: ready without set-up, a one-time link, a clean end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from itertools import islice
from pathlib import Path

import pytest

from hub.canonical.errors import Misconfigured
from hub.cli.serve import bind
from hub.settings import load


def test_up_needs_no_set_up_and_stops_cleanly(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STOCKLINE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli.main", "up", "--port", "0", "--data-dir", str(tmp_path / "new")], text=True,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = "".join(islice(process.stdout, 4))
        address, link = re.findall(r"http://127\.0\.0\.1:\d+\S*", said)
        assert link.startswith(f"{address}/link/")
        for path in ("/readyz", "/metrics"):
            with urllib.request.urlopen(address + path, timeout=10) as answer:
                assert answer.status == 200
        with urllib.request.urlopen(link, timeout=10) as answer:
            assert b"<form" in answer.read()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert link.rpartition("/")[2] not in errors
    assert {path.name for path in (tmp_path / "new").iterdir()} >= {"stockline.sqlite3", "secret_keys"}


def test_a_port_that_is_taken_is_said_with_the_way_out() -> None:
    listener, settings = bind(load(port=0))
    listener.listen()
    assert settings.port == listener.getsockname()[1] != 0
    with listener, pytest.raises(Misconfigured, match=rf"cannot listen on 127\.0\.0\.1:{settings.port} .*: --port 0"):
        bind(load(port=settings.port))
