"""The import contracts hold, and each of them breaks when a file goes against it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("connectors", "hub", "mappings", "workers")
LINT = Path(sys.executable).with_name("lint-imports")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)


@pytest.fixture
def copy(tmp_path: Path, repo_root: Path) -> Path:
    """The product's sources and its contracts, to be spoiled."""
    shutil.copy(repo_root / "pyproject.toml", tmp_path)
    for name in PACKAGES:
        unwanted = shutil.ignore_patterns("__pycache__", "static", "*.csv", "*.json")
        shutil.copytree(repo_root / name, tmp_path / name, ignore=unwanted)
    return tmp_path


def _write(folder: Path, module: str, text: str) -> None:
    path = folder / (module.replace(".", "/") + ".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(text)


def test_imports_only_go_down(repo_root: Path) -> None:
    done = _lint(repo_root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("_case", "module", "text"),
    [
        ("a rule reads a table", "hub.rules.spoiled", "import hub.store\n"),
        ("a rule draws lots", "hub.rules.spoiled", "import random\n"),
        ("a word looks at the clock", "hub.canonical.spoiled", "import time\n"),
        ("a mapping acts", "mappings.engine.spoiled", "import hub.usecases\n"),
        ("a use case wires", "hub.usecases.spoiled", "import workers\n"),
        ("a channel knows another", "connectors.one.spoiled", "import connectors.two\n"),
        ("the kit knows a channel", "connectors.kit.spoiled", "import connectors.two\n"),
        ("the product needs a test", "hub.usecases.spoiled", "import tests\n"),
    ],
)
def test_a_file_against_a_contract_breaks_it(copy: Path, _case: str, module: str, text: str) -> None:
    _write(copy, "connectors.two.connector", "")
    _write(copy, module, text)
    done = _lint(copy)
    assert done.returncode == 1, _case
    assert "spoiled" in done.stdout


def test_every_part_of_the_hub_has_a_place_in_the_layers(repo_root: Path) -> None:
    contract = (repo_root / "pyproject.toml").read_text()
    parts = [path for path in (repo_root / "hub").iterdir() if path.name not in {"__init__.py", "__pycache__"}]
    names = {f"hub.{path.stem}" for path in parts if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {name for name in names if name not in contract} == set()
