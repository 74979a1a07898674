"""Front-end files: copied from pinned packages with their hashes, and no page needs anyone else's server."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from hub.pages.menu import MENU
from tests.fixtures.need import skip_or_fail
from tools import assets

FAKE_NPM = """#!/usr/bin/env python3
import json, pathlib
wanted = json.load(open("vendor_files.json"))
files = dict(wanted["files"])
files["@tabler/icons"] = {"icons/outline/" + name + ".svg": "" for name in wanted["icons"]}
for package, paths in files.items():
    home = pathlib.Path("node_modules", package)
    for path in [*paths, "LICENSE"]:
        if path != "MISSING":
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(package + " " + path)
    about = {"name": package, "version": "1.0.0", "license": "MIT"}
    (home / "package.json").write_text(json.dumps(about))
"""


@pytest.fixture
def house(tmp_path: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the real pins and an npm that makes up the packages."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in (("npm", FAKE_NPM), ("node", "#!/bin/sh\n")):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    pages = tmp_path / "house" / "hub" / "pages"
    pages.mkdir(parents=True)
    for name in assets.PINS:
        shutil.copy(repo_root / "hub" / "pages" / name, pages)
    return tmp_path / "house"


def _passport(root: Path) -> dict[str, Any]:
    passport: dict[str, Any] = json.loads((assets.vendor_folder(root) / "vendor.json").read_bytes())
    return passport


def _assert_hashes(root: Path) -> None:
    folder = assets.vendor_folder(root)
    told = {path: digest for package in _passport(root)["packages"] for path, digest in package["files"].items()}
    there = [path for path in folder.rglob("*") if path.is_file() and path.name != "vendor.json"]
    assert told == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in there
    }


def test_every_copied_file_is_in_the_passport_with_its_hash(house: Path) -> None:
    assets.fetch(house)
    _assert_hashes(house)
    assert {package["license"] for package in _passport(house)["packages"]} == {"MIT"}


def test_the_license_texts_are_copied_too(house: Path) -> None:
    assets.fetch(house)
    texts = sorted(path.name for path in (assets.vendor_folder(house) / "licenses").iterdir())
    assert texts == ["alpinejs-csp.txt", "htmx.org.txt", "tabler-core.txt", "tabler-icons.txt"]


def test_files_are_current_until_a_pin_changes(house: Path) -> None:
    assert not assets.is_current(house)
    assets.fetch(house)
    assert assets.is_current(house)
    lock = house / "hub/pages/package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert not assets.is_current(house)


def test_a_file_that_the_package_lacks_is_named_and_the_old_files_stay(house: Path) -> None:
    assets.fetch(house)
    before = _passport(house)
    (house / "hub/pages/vendor_files.json").write_text('{"files": {"htmx.org": {"MISSING": "x.js"}}, "icons": []}')
    with pytest.raises(assets.NotFetched, match=r"htmx\.org has no file MISSING"):
        assets.fetch(house)
    assert _passport(house) == before


def test_an_npm_that_fails_is_told_in_one_sentence(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = Path(shutil.which("npm") or "")
    npm.write_text("#!/bin/sh\necho 'npm warn old config' >&2\necho 'npm error network' >&2\nexit 7\n")
    with pytest.raises(assets.NotFetched) as caught:
        assets.fetch(house)
    assert str(caught.value) == "npm could not fetch the front-end packages (npm error network)"


def test_the_files_of_this_folder_are_what_their_passport_says(repo_root: Path) -> None:
    if not assets.is_current(repo_root):
        skip_or_fail("front-end files are not fetched; run `python3 run.py setup`")
    _assert_hashes(repo_root)


def _templates(root: Path) -> list[Path]:
    return [*(root / "hub").rglob("*.html"), *(root / "hub/pages").rglob("*.jinja")]


def test_no_template_has_an_outside_address(repo_root: Path) -> None:
    outside = re.compile(r"""(?:src|href|action|hx-\w+|url\()\s*=?\s*["'(]?\s*(?:https?:)?//[^"'{ ]+""")
    found = {
        f"{path.relative_to(repo_root)}: {match.group()}"
        for path in _templates(repo_root)
        for match in outside.finditer(path.read_text())
    }
    assert found == set()


def test_every_icon_that_a_page_names_is_fetched(repo_root: Path) -> None:
    fetched = set(json.loads((repo_root / "hub/pages/vendor_files.json").read_bytes())["icons"])
    call = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)""")
    sources = [*_templates(repo_root), *(repo_root / "hub/pages").rglob("*.py")]
    used = {name for path in sources for name in call.findall(path.read_text())} | {entry.icon for entry in MENU}
    assert used - fetched == set()
