"""The list of faults can be used, and the tool tells a fault that a test notices from one that none does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools import mutants
from tools.mutants import ROOT, BadList, Mutant, is_killed, read

RIGHT = Mutant("half", "half.py", "return n // 2", "return n / 2", ("test_half.py",))
HARMLESS = replace(RIGHT, name="harmless", after="return (n // 2)")


def test_every_fault_stands_once_in_its_file_and_names_tests_that_are_there() -> None:
    found = read()
    assert len(found) >= 16
    assert [test for one in found for test in one.tests if not (ROOT / test.partition("::")[0]).is_file()] == []
    assert [one.name for one in found if not one.tests or one.before == one.after] == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "half.py").write_text("def half(n: int) -> int:\n    return n // 2\n")
    (tmp_path / "test_half.py").write_text("from half import half\n\n\ndef test_half():\n    assert half(5) == 2\n")
    return tmp_path


@pytest.mark.parametrize(("mutant", "killed"), [(RIGHT, True), (HARMLESS, False)])
def test_a_fault_is_killed_where_a_test_notices_it_and_survives_where_none_does(
    tree: Path, mutant: Mutant, killed: bool
) -> None:
    before = (tree / "half.py").read_text()
    assert is_killed(tree, mutant) is killed
    assert (tree / "half.py").read_text() == before


def test_tests_that_are_not_there_kill_nothing(tree: Path) -> None:
    with pytest.raises(BadList, match="'half': pytest ended with 4"):
        is_killed(tree, replace(RIGHT, tests=("test_gone.py",)))


def test_a_text_that_stands_nowhere_or_a_name_that_comes_twice_is_refused(tree: Path) -> None:
    one = '[[mutant]]\nname = "half"\nfile = "half.py"\nbefore = "{}"\nafter = "x"\ntests = ["test_half.py"]\n'
    (tree / "list.toml").write_text(one.format("return n"))
    assert [mutant.name for mutant in read(tree / "list.toml", tree)] == ["half"]
    (tree / "list.toml").write_text(one.format("return m"))
    with pytest.raises(BadList, match="its text stands 0 times"):
        read(tree / "list.toml", tree)
    (tree / "list.toml").write_text(one.format("return n") * 2)
    with pytest.raises(BadList, match="two faults have one name"):
        read(tree / "list.toml", tree)


def test_the_end_tells_killed_over_total_and_the_exit_code_tells_a_survivor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutants, "read", lambda: (RIGHT, HARMLESS))
    monkeypatch.setattr(mutants, "play", lambda chosen: [m.name for m in chosen if m == HARMLESS])
    assert mutants.main([]) == 1
    assert capsys.readouterr().out == "1/2 killed\n"
    assert mutants.main(["--only", "half"]) == 0
    assert capsys.readouterr().out == "1/1 killed\n"
