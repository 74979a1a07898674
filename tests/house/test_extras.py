"""Stockline starts with what `pyproject.toml` requires; what an extra brings is imported where it is used."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from hub.canonical.extras import EXTRAS, extra_words
from hub.cli.main import COMMANDS
from hub.cli.shared import explain

WITHOUT = """
import importlib, sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
for module in {modules!r}:
    importlib.import_module(module)
"""
SERVED = {"hub.main", "workers.app", "connectors.kit.registry"}


def test_every_command_but_the_demo_starts_without_any_extra() -> None:
    modules = sorted({place.partition(":")[0] for place, _ in COMMANDS.values()} - {"hub.cli.demo"} | SERVED)
    script = WITHOUT.format(missing=set(EXTRAS), modules=modules)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_each_module_of_an_extra_names_the_one_that_brings_it(repo_root: Path) -> None:
    extras = tomllib.loads((repo_root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    brought = packages_distributions()
    for module, extra in EXTRAS.items():
        names = {name.casefold() for name in brought.get(module, [])}
        assert any(wanted.casefold().startswith(tuple(names or {module})) for wanted in extras[extra]), module


@pytest.mark.parametrize(
    ("_case", "error", "words"),
    [
        ("a part of it", ModuleNotFoundError("no", name="psycopg.pq"),
         "this needs psycopg, which is not installed: pip install 'stockline[postgres]'"),
        ("ours", ModuleNotFoundError("no", name="hub.nothing"), ""),
        ("no name", ModuleNotFoundError("no"), ""),
        ("another error", ValueError("psycopg"), ""),
    ],
)  # fmt: skip
def test_a_missing_extra_is_one_line_that_says_what_to_install(_case: str, error: Exception, words: str) -> None:
    assert extra_words(error) == words
    assert explain(error) == (words or None)
