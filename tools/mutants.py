"""`python3 run.py mutants`: breaks the engine on purpose, one fault at a time, and says whether a test notices.

The faults are written in `tests/mutants.toml`. Each is put into a copy of the tree, and the tests that it names must
fail there; before that they must pass on the copy as it is. Exit code 1 where a fault survives.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "mutants.toml"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", "stockline-data", "node_modules")
PYTEST = ("-m", "pytest", "-x", "-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider", "-n0")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: `before`, which stands once in `file`, becomes `after`; one of `tests` must fail then."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


class BadList(Exception):
    """The list of faults cannot be used; the message says which entry and why."""


def read(path: Path = LIST, root: Path = ROOT) -> tuple[Mutant, ...]:
    """All faults. Raises BadList: a text that does not stand exactly once in its file, or a name that comes twice."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    found = tuple(Mutant(**{**row, "tests": tuple(row["tests"])}) for row in rows)
    for mutant in found:
        times = (root / mutant.file).read_text(encoding="utf-8").count(mutant.before)
        if times != 1:
            raise BadList(f"{mutant.name!r}: its text stands {times} times in {mutant.file}, expected once")
    if len({mutant.name for mutant in found}) < len(found):
        raise BadList("two faults have one name")
    return found


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A copy that may be broken; the recorded payloads are found through the environment."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
        yield copy


def run_tests(copy: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """pytest in the copy, its own modules first."""
    data = os.environ.get("STOCKLINE_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    environment = {**os.environ, "PYTHONPATH": str(copy), "STOCKLINE_SHARED_DATA": data, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *PYTEST, *tests]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def broken(copy: Path, mutant: Mutant) -> Iterator[None]:
    """The copy with one fault in it."""
    file = copy / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(whole, encoding="utf-8")


def is_killed(copy: Path, mutant: Mutant) -> bool:
    """True when a test failed; a run in which none was collected or pytest itself broke is no kill.

    Raises: BadList: pytest could not run the named tests at all.
    """
    with broken(copy, mutant):
        done = run_tests(copy, mutant.tests)
    if done.returncode not in (0, 1):
        raise BadList(
            f"{mutant.name!r}: pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-500:]}"
        )
    return done.returncode == 1


def check_baseline(copy: Path, mutants: Sequence[Mutant]) -> None:
    """The tests must pass where nothing is broken. Raises BadList."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    done = run_tests(copy, tests)
    if done.returncode:
        raise BadList(f"the tests fail on the tree as it is:\n{done.stdout[-3000:]}")


def play(mutants: Sequence[Mutant]) -> list[str]:
    """Play all faults; returns the names of those that no test noticed."""
    survivors = []
    with copied_tree() as copy:
        check_baseline(copy, mutants)
        for mutant in mutants:
            started = time.monotonic()
            killed = is_killed(copy, mutant)
            print(
                f"{'killed  ' if killed else 'SURVIVED'}  {time.monotonic() - started:5.1f} s  {mutant.name}",
                flush=True,
            )
            if not killed:
                survivors.append(mutant.name)
    return survivors


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: all killed; 1: one survived; 2: the list is wrong."""
    parser = argparse.ArgumentParser(
        prog="run.py mutants", description="Break the engine on purpose; tests must notice."
    )
    parser.add_argument("--only", default="", help="faults whose name holds this text")
    only = parser.parse_args(arguments).only
    try:
        mutants = [mutant for mutant in read() if only in mutant.name]
        survivors = play(mutants)
    except BadList as problem:
        print(f"tests/mutants.toml: {problem}", file=sys.stderr)
        return 2
    print(f"{len(mutants) - len(survivors)}/{len(mutants)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
