"""Real shop servers to test against, installed from a package registry by name: `python3 run.py peers vendure`.

Nothing of theirs lies in the repository: a recipe here is a `package.json` with pinned versions, whose `stockline`
names where the shop can keep its data, the usual place first, and a `server.js` of ours; with a `package-lock.json`
what they depend on is pinned, too. What npm fetches goes to `STOCKLINE_PEERS`, else to the user's cache folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tools import node
from tools.postgres import own_database, plain

RECIPES = Path(__file__).parent
ROOT = RECIPES.parents[1]
NODE = 20
"""The oldest Node.js that the peers run on."""
STOP_S = 20
TRIES = 2


class NoPeer(Exception):
    """A peer cannot be had; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server.

    address: without a slash at the end.  login: how its merchant gets in, by name.
    made:    ids, by name, of what its server script filled it with.
    """

    name: str
    address: str
    process_id: int
    login: Mapping[str, str] = field(repr=False)
    made: Mapping[str, str] = field(default_factory=dict)


def names() -> tuple[str, ...]:
    """The peers that there are recipes for."""
    return tuple(sorted(file.parent.name for file in RECIPES.glob("*/package.json")))


def stores(name: str) -> tuple[str, ...]:
    """Where the peer can keep its data: `sqlite`, `postgres`; the usual one first."""
    recipe = json.loads((RECIPES / name / "package.json").read_bytes())
    return tuple(recipe["stockline"]["stores"])


def install(name: str) -> Path:
    """The folder with the peer's packages, fetched once for each version of its recipe. Raises NoPeer."""
    recipe = RECIPES / name
    if name not in names():
        raise NoPeer(f"no peer named {name!r}; there are: {', '.join(names())}")
    folder, found = _folder(name, *sorted(recipe.glob("package*.json"))), program()
    with _alone(folder):
        for file in recipe.iterdir():
            shutil.copy(file, folder / file.name)
        done = folder / "installed"
        if not done.exists():
            _fetch(folder, found, "ci" if (recipe / "package-lock.json").exists() else "install")
            done.touch()
    return folder


def program() -> node.Node:
    """The Node.js that runs peers. Raises NoPeer."""
    folder = _folder("node", ROOT / node.LOCK)
    with _alone(folder):
        try:
            return node.find(ROOT, folder, least=NODE)
        except node.NoNode as error:
            raise NoPeer(str(error)) from error


def _folder(name: str, *pins: Path) -> Path:
    """Where the packages lie that `pins` name: another place for each version of them."""
    return _cache() / f"{name}-{hashlib.sha256(b''.join(file.read_bytes() for file in pins)).hexdigest()[:12]}"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder is made, and no other process of ours is at work in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cache() -> Path:
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("STOCKLINE_PEERS") or user / "stockline" / "peers")


def _fetch(folder: Path, found: node.Node, verb: str) -> None:
    """Fetch the packages; a registry that stumbles is asked once more."""
    flags = ("--no-audit", "--no-fund", "--loglevel=error", "--fetch-retry-maxtimeout=10000")
    for _ in range(TRIES):
        done = subprocess.run(
            [*found.npm, verb, *flags],
            cwd=folder,
            env=found.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return
    raise NoPeer(f"npm could not fetch it: {done.stderr.strip()[-400:]}")


@contextlib.contextmanager
def running(name: str, server_url: str | None = None) -> Iterator[Peer]:
    """Start a peer with an empty shop on a free port of 127.0.0.1; stops it and removes its data.

    Args:   server_url: SQLAlchemy address of a PostgreSQL server where it gets a database of its own; None: SQLite.
    Raises: NoPeer.
    """
    folder = install(name)
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"stockline-{name}-")))
        port = _free_port()
        words = {"PORT": str(port), "DATA_DIR": str(data)}
        if server_url:
            words["DATABASE_URL"] = plain(stack.enter_context(own_database(server_url)))
        process, told = stack.enter_context(_process(folder, words, data / "errors.txt"))
        yield Peer(name, f"http://127.0.0.1:{port}", process.pid, told["login"], told.get("made", {}))


@contextlib.contextmanager
def _process(
    folder: Path, words: Mapping[str, str], errors: Path
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    with errors.open("w+", encoding="utf-8") as log:
        command = [program().program, "server.js"]
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
                yield process, _when_ready(process, log)
            finally:
                _stop(process)


def _when_ready(process: subprocess.Popen[str], log: IO[str]) -> dict[str, Any]:
    """The server's own line that says that it takes requests; where it ends before, its last words are told."""
    assert process.stdout is not None
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        if told.get("ready"):
            return told
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
