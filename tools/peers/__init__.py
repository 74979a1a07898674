"""Real shop servers to test against, installed from a package registry by name: `python3 run.py peers vendure`.

Nothing of theirs lies in the repository: a recipe here is a `package.json` with pinned versions and a `server.js` of
ours. What npm fetches goes to `STOCKLINE_PEERS`, else to the user's cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

RECIPES = Path(__file__).parent
STOP_S = 20
USER = "superadmin"


class NoPeer(Exception):
    """A peer cannot be had; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server. address: without a slash at the end."""

    name: str
    address: str
    user: str
    password: str = field(repr=False)
    process_id: int


def names() -> tuple[str, ...]:
    """The peers that there are recipes for."""
    return tuple(sorted(file.parent.name for file in RECIPES.glob("*/package.json")))


def install(name: str) -> Path:
    """The folder with the peer's packages, fetched once for each version of its recipe. Raises NoPeer."""
    recipe = RECIPES / name
    if name not in names():
        raise NoPeer(f"no peer named {name!r}; there are: {', '.join(names())}")
    if not (shutil.which("node") and shutil.which("npm")):
        raise NoPeer("it needs Node.js 20 or newer with npm on the PATH")
    wanted = (recipe / "package.json").read_bytes()
    folder = _cache() / f"{name}-{hashlib.sha256(wanted).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    for file in recipe.iterdir():
        shutil.copy(file, folder / file.name)
    done = folder / "installed"
    if not done.exists():
        _npm(folder)
        done.touch()
    return folder


def _cache() -> Path:
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("STOCKLINE_PEERS") or user / "stockline" / "peers")


def _npm(folder: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise NoPeer(f"npm could not fetch it: {done.stderr.strip()[-400:]}")


@contextlib.contextmanager
def running(name: str) -> Iterator[Peer]:
    """Start a peer with an empty shop on a free port of 127.0.0.1; stops it and removes its data. Raises NoPeer."""
    folder = install(name)
    with tempfile.TemporaryDirectory(prefix=f"stockline-{name}-") as data:
        port, password = _free_port(), secrets.token_hex(12)
        words = {"PORT": str(port), "DATA_DIR": data, "SUPERADMIN_PASSWORD": password}
        with _process(folder, words, Path(data) / "errors.txt") as process:
            yield Peer(name, f"http://127.0.0.1:{port}", USER, password, process.pid)


@contextlib.contextmanager
def _process(folder: Path, words: Mapping[str, str], errors: Path) -> Iterator[subprocess.Popen[str]]:
    with errors.open("w+", encoding="utf-8") as log:
        command = ["node", "server.js"]
        environment = {**os.environ, **words}
        with subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process:
            try:
                _wait_until_ready(process, log)
                yield process
            finally:
                _stop(process)


def _wait_until_ready(process: subprocess.Popen[str], log: IO[str]) -> None:
    """The server's own line says that it takes requests; where it ends before, its last words are told."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{") and json.loads(line).get("ready"):
            return
    log.seek(0)
    raise NoPeer(f"its server ended: {log.read().strip()[-400:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
