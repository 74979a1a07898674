#!/usr/bin/env python3
"""Sets Stockline up (once, in `.venv`) and runs it: `python3 run.py demo`, `python3 run.py test`.

Its own commands: setup, test, check, and the scripts of `tools/`. Everything else goes to `stockline`.
Standard library only. What set-up has to say goes to stderr; stdout belongs to the command.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "stockline-setup"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
SCRIPTS = tuple(name for name in ("screenshots", "mutants", "chaos", "peers") if [*(ROOT / "tools").glob(f"{name}*")])
DEV_COMMANDS = ("test", "check", "setup", *SCRIPTS)
WITH_PAGES = ("demo", "up", "web", "test", "setup", "screenshots")
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", "-p", "connectors", "-p", "hub", "-p", "mappings", "-p", "workers", "-p", "tools"),
    ("lint-imports",),
)


class SetupFailed(Exception):
    """Set-up cannot go on; the message says what to do."""


def say(text: str) -> None:
    """Tell the person at the terminal, never a pipe on stdout."""
    print(text, file=sys.stderr, flush=True)


def wish(which: str) -> str:
    """What the stamp says when set `which` of this very folder is installed."""
    return f"{which} {hashlib.sha256(LOCKS[which].read_bytes()).hexdigest()} {ROOT}"


def is_installed(which: str) -> bool:
    """True when the set, or the larger one that holds it, is installed from the present lock."""
    try:
        stamp = STAMP.read_text()
    except OSError:
        return False
    return PYTHON.exists() and stamp in (wish(which), wish("dev"))


def call(*command: object) -> None:
    """Run a set-up step with its output on stderr."""
    try:
        subprocess.run([*map(str, command)], check=True, stdout=sys.stderr, stdin=subprocess.DEVNULL, cwd=ROOT)
    except (subprocess.CalledProcessError, OSError) as error:
        advice = "Mend what the lines above say (often the network) and run the same command again."
        raise SetupFailed(f"Set-up failed ({error}). {advice}") from None


def make_venv(uv: str | None) -> None:
    """Make `.venv` unless one is there that we can install into."""
    made_here = PYTHON.exists() and STAMP.exists() and STAMP.read_text().endswith(f" {ROOT}")
    if made_here and (uv or has_pip()):
        return
    if uv:
        call(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupFailed(
            "This Python has no venv module. Install it (Debian, Ubuntu: apt-get install python3-venv), or install uv, "
            "and run the same command again."
        )
    call(sys.executable, "-m", "venv", "--clear", VENV)


def has_pip() -> bool:
    """True when the environment has a pip of its own (one made by uv has none)."""
    return subprocess.run([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL).returncode == 0


def install(which: str) -> None:
    """Install set `which` from its lock, hashes checked, and this folder as an editable package."""
    uv = shutil.which("uv")
    say(f"Setting up Stockline in .venv ({'uv' if uv else 'pip'}; once, a minute or two) ...")
    make_venv(uv)
    pip = [uv, "pip", "install", "-q", "-p", PYTHON] if uv else [PYTHON, "-m", "pip", "install", "-qq"]
    STAMP.write_text(f"unfinished {ROOT}")
    call(*pip, "--no-deps", "--require-hashes", "-r", LOCKS[which])
    call(*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    STAMP.write_text(wish(which))


def fetch_assets(again: bool) -> None:
    """Fetch the front-end files when their pins changed; a failure is told once and does not stop the command."""
    from tools import assets

    failed = VENV / "assets-failed"
    if assets.is_current(ROOT) or (failed.exists() and failed.read_text() == assets.pins_digest(ROOT) and not again):
        return
    say("Fetching the front-end files ...")
    try:
        assets.fetch(ROOT)
    except assets.NotFetched as error:
        failed.write_text(assets.pins_digest(ROOT))
        say(f"The pages will look bare: {error}. CLI and API work without; `python3 run.py setup` tries again.")


def commands(name: str, rest: list[str]) -> list[list[str]]:
    """The programs that carry out one of our own commands, in order."""
    if name == "test":
        rest = ["--real=sqlite" if word == "--real" else word for word in rest]  # else it takes a path for its value
        return [[str(PYTHON), "-m", "pytest", "-q", "-n", "auto", "--maxprocesses=4", "--dist=loadfile", *rest]]
    if name == "check":
        return [[str(BIN / tool), *arguments, *rest] for tool, *arguments in CHECKS]
    return [[str(PYTHON), "-m", "tools." + name, *rest]] if name in SCRIPTS else []


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it; returns the exit code."""
    name = arguments[0] if arguments else "--help"
    if not is_installed("dev" if name in DEV_COMMANDS else "run"):
        install("dev" if name in DEV_COMMANDS else "run")
    if name in WITH_PAGES:
        fetch_assets(again=name == "setup")
    if name not in DEV_COMMANDS:
        os.execv(BIN / "stockline", ["stockline", *(arguments or ["--help"])])
    os.chdir(ROOT)
    programs = commands(name, arguments[1:])
    if len(programs) == 1:  # in our place, so that it sees a Ctrl-C or a kill itself
        os.execv(programs[0][0], programs[0])
    return max((subprocess.run(command).returncode for command in programs), key=abs, default=0)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  set-up is run by whatever Python there is
        sys.exit(f"Stockline needs Python 3.11 or newer; this is {sys.version_info[0]}.{sys.version_info[1]}.")
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupFailed as problem:
        say(str(problem))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
