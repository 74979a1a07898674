"""docs/add-a-channel.md is run from its first command to its last, and says what the commands say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from tests.connectors.kit.packages import BIN, Place

PAGE = Path(__file__).parents[3] / "docs" / "add-a-channel.md"
BLOCK = re.compile(r"^```(sh|text)( [a-z ]+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALL = re.compile(r"^pip install -e '([\w-]+)\[test\]'\n", re.MULTILINE)


def _blocks() -> list[tuple[str, str, str]]:
    """(kind, mark, text) of every block of the page, in its order."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [(kind, mark.strip(), text) for kind, mark, text in found]


def _installed(place: Place, script: str) -> str:
    """The script without its pip lines: what they name is installed for `place` alone, from its folder."""
    for name in INSTALL.findall(script):
        place.install(place.folder / name)
    return INSTALL.sub("", script)


@contextmanager
def _second_terminal(place: Place, script: str) -> Iterator[str]:
    """The command that it prints for the first terminal, once it is ready; it is ended at the end."""
    words = script.split()
    process = subprocess.Popen(
        [str(BIN / words[0]), *words[1:]], cwd=place.folder, env=place.env,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        told = list(takewhile(lambda line: not line.startswith("Order "), process.stdout))
        yield next(line for line in told if line.startswith("stockline connection add "))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _play(place: Place, blocks: list[tuple[str, str, str]]) -> None:
    said = ""
    for at, (kind, mark, text) in enumerate(blocks):
        if kind == "text":
            assert text.strip() in said
        elif mark == "second terminal":
            with _second_terminal(place, text) as command:
                done = place.sh(command)
                assert done.returncode == 0, done.stderr
                return _play(place, blocks[at + 1 :])
        else:
            done = place.sh(_installed(place, text))
            said = done.stdout + done.stderr
            assert (done.returncode != 0) == (mark == "fails"), said
    return None


@pytest.mark.timeout(900)
def test_every_command_of_the_page_does_what_the_page_says(tmp_path: Path) -> None:
    blocks = _blocks()
    assert [mark for _, mark, _ in blocks if mark] == ["fails", "second terminal"]
    _play(Place(tmp_path), blocks)
