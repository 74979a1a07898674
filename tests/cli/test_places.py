"""Where the data is: what needs a hub makes none, and a place that cannot be used is told in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Run


def test_a_database_that_does_not_answer_is_one_line_without_its_password(run: Run) -> None:
    done = run("stock", "--database-url", "postgresql://ada:hunter2@127.0.0.1:1/x")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "the database does not answer (" in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize("arguments", [("item", "add", "MUG"), ("up", "--port", "0")])
def test_a_data_folder_that_cannot_be_made_is_one_line(arguments: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(*arguments, "--data-dir", str(tmp_path / "file" / "data"))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "cannot be made (Not a directory)" in done.err
    assert "--data-dir" in done.err


READING = [
    ("orders",), ("stock",), ("item",), ("listing",), ("connection",), ("warehouse",), ("audit",), ("rates",),
    ("rules",), ("user",), ("transfer",), ("selling", "list"), ("proposals",), ("count",), ("reconcile",),
    ("route", "--explain", "1"), ("mapping", "show", "shop"), ("connection", "pull", "shop"), ("cancel", "1"),
    ("stock", "set", "MUG", "BER", "1"), ("simulate", "--ruleset", "0", "--days", "1"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_what_needs_a_hub_makes_none_where_there_is_none(arguments: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    typo = tmp_path / "dmo-data"
    done = run(*arguments, "--data-dir", str(typo))
    assert done == Done(2, "", (
        f"stockline: there is no hub in {typo} yet: start one (stockline up --data-dir {typo}), or name another place: "
        "--data-dir or --database-url\n"
    ))  # fmt: skip
    assert not typo.exists()


def test_an_empty_database_is_no_hub_yet(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new").touch()
    done = run("orders", "--database-url", f"sqlite:///{tmp_path}/new")
    words = "stockline: there is no hub in sqlite:///{} yet: start one (stockline db upgrade), or name another place: "
    assert (done.code, done.err) == (2, words.format(tmp_path / "new") + "--data-dir or --database-url\n")
    assert (tmp_path / "new").stat().st_size == 0


@pytest.mark.parametrize("command", ["orders", "item", "doctor"])
@pytest.mark.parametrize("scheme", ["sqlite:///", "postgresql://ada:hunter2@"])
def test_the_address_of_a_database_is_no_data_folder(command: str, scheme: str, run: Run, tmp_path: Path) -> None:
    done = run(command, "--data-dir", f"{scheme}{tmp_path}/stockline.sqlite3")
    assert done == Done(2, "", (
        "stockline: --data-dir: expected a folder, and this is the address of a database; that is "
        "STOCKLINE_DATABASE_URL or --database-url\n"
    ))  # fmt: skip


def test_a_file_that_is_no_database_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 4096)
    done = run("orders", "--database-url", f"sqlite:///{tmp_path / 'photo.jpg'}")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "file is not a database" in done.err


def test_looking_at_a_database_makes_no_file(run: Run, tmp_path: Path) -> None:
    run("db", "check")
    run("doctor")
    assert not (tmp_path / "data").exists()


def test_before_the_first_start_the_doctor_says_how_to_start(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "data"
    done = run("doctor", "--json")
    (wrong,) = [line for line in json.loads(done.out) if not line["ok"]]
    assert (done.code, wrong["check"], wrong["found"]) == (1, "database", f"there is no hub in {place} yet")
    assert wrong["fix"] == f"start one: stockline up --data-dir {place}"
    url = f"sqlite:///{tmp_path}/other.sqlite3"
    (wrong,) = [line for line in json.loads(run("doctor", "--json", "--database-url", url).out) if not line["ok"]]
    assert (wrong["found"], wrong["fix"]) == (f"there is no hub in {url} yet", "start one: stockline db upgrade")
