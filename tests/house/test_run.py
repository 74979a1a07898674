"""`run.py` sets up once, quietly, and says in a sentence what is missing. The installer here only takes notes."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAKE_UV = """#!/bin/sh
echo "$*" >> {notes}
if [ "$1" = venv ]; then
    mkdir -p {root}/.venv/bin
    ln -sf {python} {root}/.venv/bin/python
    printf '#!/bin/sh\\necho "{{}}"\\n' > {root}/.venv/bin/stockline
    chmod +x {root}/.venv/bin/stockline
fi
echo "noise of the installer"
exit {code}
"""


class House:
    """A copy of what set-up needs, in a folder of its own, with a PATH that holds only our scripts."""

    def __init__(self, folder: Path, repo: Path) -> None:
        self.root = folder / "house"
        self.tools = folder / "tools"
        self.notes = folder / "notes"
        self.tools.mkdir()
        shutil.copytree(repo / "tools", self.root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(repo / "run.py", self.root)
        (self.root / "hub/pages").mkdir(parents=True)
        for name in ("package.json", "package-lock.json", "vendor_files.json"):
            shutil.copy(repo / "hub/pages" / name, self.root / "hub/pages")
        for lock in ("requirements.lock", "requirements-dev.lock"):
            (self.root / lock).write_text(f"# {lock}\n")
        self.give_uv()
        self.give("node", "#!/bin/sh\n")
        self.give("npm", f"#!/bin/sh\necho npm >> {self.notes}\necho 'no way out' >&2\nexit 1\n")

    def give_uv(self, code: int = 0) -> None:
        text = FAKE_UV.format(notes=self.notes, root=self.root, python=sys.executable, code=code)
        self.give("uv", text)

    def give(self, name: str, text: str) -> None:
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.tools}:/bin:/usr/bin"} | {k: v for k, v in os.environ.items() if k == "HOME"}
        command = [sys.executable, str(self.root / "run.py"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)

    def installed(self) -> list[str]:
        """Locks that were installed from, oldest first."""
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [line.split("-r ")[1].rpartition("/")[2] for line in lines if "-r " in line]


@pytest.fixture
def house(tmp_path: Path, repo_root: Path) -> House:
    return House(tmp_path, repo_root)


def test_the_second_run_installs_nothing(house: House) -> None:
    assert house.run("orders").returncode == 0
    assert house.run("orders").returncode == 0
    assert house.installed() == ["requirements.lock"]


def test_a_changed_lock_installs_again_into_the_same_environment(house: House) -> None:
    house.run("orders")
    (house.root / "requirements.lock").write_text("# changed\n")
    house.run("orders")
    assert house.installed() == ["requirements.lock", "requirements.lock"]
    assert house.notes.read_text().count("venv ") == 1


def test_tests_get_the_larger_set_and_the_hub_then_needs_no_other(house: House) -> None:
    house.run("test")
    house.run("orders")
    assert house.installed() == ["requirements-dev.lock"]


def test_a_folder_that_was_moved_gets_a_new_environment(house: House) -> None:
    house.run("orders")
    house.root = house.root.rename(house.root.with_name("moved"))
    house.give_uv()
    assert house.run("orders").stdout == "{}\n"
    assert house.notes.read_text().count("venv ") == 2


def test_stdout_belongs_to_the_command(house: House) -> None:
    done = house.run("orders", "--json")
    assert done.stdout == "{}\n"
    assert "Setting up Stockline" in done.stderr


def test_hashes_are_always_checked(house: House) -> None:
    house.run("orders")
    (line,) = [line for line in house.notes.read_text().splitlines() if "-r " in line]
    assert "--require-hashes" in line
    assert "--no-deps" in line


def test_a_failed_installation_is_told_and_tried_again_next_time(house: House) -> None:
    house.give_uv(code=3)
    done = house.run("orders")
    assert done.returncode == 1
    assert "run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    house.give_uv()
    assert house.run("orders").returncode == 0


def test_pages_without_front_end_files_are_told_once_and_stop_nothing(house: House) -> None:
    first, second = house.run("up"), house.run("up")
    assert (first.stdout, second.stdout) == ("{}\n", "{}\n")
    assert "The pages will look bare: npm could not fetch the front-end packages (no way out)" in first.stderr
    assert second.stderr == ""
    assert house.notes.read_text().splitlines().count("npm") == 1


def test_a_missing_venv_module_is_named_with_the_package_that_brings_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runpy.run_path(str(house.root / "run.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(run["SetupFailed"], match=r"apt-get install python3-venv"):
        run["make_venv"](None)


def test_an_old_python_is_told_which_one_is_needed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        runpy.run_path(str(house.root / "run.py"), run_name="__main__")


def test_run_py_stays_small(repo_root: Path) -> None:
    assert len((repo_root / "run.py").read_text().splitlines()) <= 150


def test_the_real_stamp_is_one_line_that_names_set_and_folder(repo_root: Path) -> None:
    run = runpy.run_path(str(repo_root / "run.py"))
    name, digest, folder = run["wish"]("dev").split(" ", 2)
    assert (name, len(digest), folder) == ("dev", 64, str(repo_root))
    assert json.dumps(run["commands"]("test", ["--full"])[0][-1]) == '"--full"'


def test_a_path_behind_real_is_a_path_and_no_choice_of_shops(repo_root: Path) -> None:
    commands = runpy.run_path(str(repo_root / "run.py"))["commands"]
    assert commands("test", ["--real", "tests/real"])[0][-2:] == ["--real=sqlite", "tests/real"]
    assert commands("test", ["--real=all"])[0][-1] == "--real=all"
