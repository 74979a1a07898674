"""`new_connector` writes a package that is whole and formatted; what it cannot write it says in one line."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.kit.scaffold import LONGEST, PACKAGE, new_connector
from hub.canonical.errors import BadInput
from tests.connectors.kit.packages import BIN, built

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["ab", "corner_shop", "a" * LONGEST])
def test_what_is_written_is_formatted_and_sorted_whatever_its_name(name: str, tmp_path: Path) -> None:
    made = new_connector(name, tmp_path / "made")
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run([BIN / "ruff", *command, "."], cwd=made, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_of_the_template_s_name_is_left(tmp_path: Path) -> None:
    made = new_connector("corner_shop", tmp_path / "made")
    texts = {file: file.read_text(encoding="utf-8") for file in made.rglob("*") if file.is_file()}
    assert [file for file, text in texts.items() if "shelfmart" in f"{file.relative_to(made)} {text}".lower()] == []
    assert (made / "stockline_corner_shop" / "README.md").read_text(encoding="utf-8").startswith("# Corner Shop ")
    body = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert body["name"] == "stockline-corner-shop"
    assert body["entry-points"]["stockline.connectors"] == {"corner_shop": "stockline_corner_shop"}


def test_its_wheel_holds_what_is_read_at_run_time(tmp_path: Path) -> None:
    wheel = built(new_connector("cornershop", tmp_path / "made"), tmp_path / "wheels", "wheel")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.partition("/")[2] for name in archive.namelist() if name.startswith("stockline_cornershop/")}
    assert {
        "README.md", "contract.py", "mapping/orders.yaml", "mapping/tables/status.csv", "py.typed", "quality.toml",
    } <= inside  # fmt: skip


def test_the_template_is_checked_as_it_stands_but_is_no_channel() -> None:
    assert PACKAGE not in [registry.package_of(name) for name in registry.names()]


@pytest.mark.parametrize("name", ["", "Shelf", "9lives", "a-b", "a__b", "_a", "a_", "ä", "../x", "a" * (LONGEST + 1)])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be a channel's name: write at most 30 small letters"):
        new_connector(name, tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="'shopify' is taken: a connector of that name is here already"):
        new_connector("shopify", tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    for there in (tmp_path, tmp_path / "mine"):
        with pytest.raises(BadInput, match="exists already: name a folder that does not, with --folder"):
            new_connector("cornershop", there)
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written: Not a directory"):
        new_connector("cornershop", tmp_path / "file" / "below")


def test_the_kit_needs_no_pytest_until_a_contract_is_run() -> None:
    """Stockline is installed without it; only `contract` and what builds on it may import it."""
    modules = ("scaffold", "conformance", "quality", "registry")
    script = "import sys; sys.modules['pytest'] = None; " + "; ".join(f"import connectors.kit.{m}" for m in modules)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
