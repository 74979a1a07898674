"""Commands: what they print, their exit codes, and one clear line where something cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from hub import __version__
from hub.cli.main import COMMANDS
from hub.store import migrate
from hub.store.tables import stock_balances
from tests.cli.conftest import Done, Run, hub_in

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_help_is_there_for_every_command_and_imports_none() -> None:
    program = "import sys; sys.argv = ['stockline', '--help']; from hub.cli.main import main\ntry: main()\nfinally:\n"
    program += " heavy = {'sqlalchemy', 'celery', 'fastapi', 'pydantic', 'rich'} & set(sys.modules)\n"
    program += " print('heavy:', sorted(heavy))"
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert time.monotonic() - started < 10
    assert done.stdout.endswith("heavy: []\n")
    for name, (_, words) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert words[:40] in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str, run: Run) -> None:
    done = run(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: stockline {name}")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--bogus",), "stockline: No such option '--bogus'. See: stockline --help\n"),
        (("nope",), "stockline: No such command 'nope'. See: stockline --help\n"),
        (
            ("item", "add", "A", "Mug"),
            "stockline: Got unexpected extra argument (Mug). For example: stockline item add "
            'MUG-RED --title "Mug, red". See: stockline item add --help\n',
        ),
        (
            ("item", "add", "A", "--title"),
            "stockline: Option '--title' requires an argument. For example: stockline item "
            'add MUG-RED --title "Mug, red". See: stockline item add --help\n',
        ),
        (
            ("stock", "set", "--lot"),
            "stockline: Option '--lot' requires an argument. See: stockline stock set --help\n",
        ),
        (("map", "shopify"), "stockline: Missing argument 'FILE'. See: stockline map --help\n"),
        (
            ("user", "add", "bob", "--role", "king"),
            "stockline: Invalid value for '--role': 'king' is not one of 'admin', 'operator', 'warehouse', 'viewer'."
            " See: stockline user add --help\n",
        ),
        (
            ("stock", "set", "MUG", "BER", "1.5"),
            "stockline: Invalid value for 'PIECES': '1.5' is not a valid integer. See: stockline stock set --help\n",
        ),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(run: Run, arguments: tuple[str, ...], line: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out, done.err) == (2, "", line)


def test_a_group_without_a_command_shows_what_there_is(run: Run) -> None:
    done = run("db")
    assert done.code == 2
    assert done.err.startswith("Usage: stockline db [OPTIONS] COMMAND [ARGS]...")


def test_a_warehouse_in_no_country_is_refused_and_nothing_is_saved(run: Run) -> None:
    line = "stockline: warehouse.country = 'GERMANY': use two capital letters (ISO 3166) such as DE\n"
    assert run("warehouse", "add", "BER", "--country", "Germany") == Done(2, "", line)
    assert run("warehouse", "--json").out == "[]\n"
    assert run("warehouse", "add", "BER", "--country", "de").code == 0
    assert json.loads(run("warehouse", "--json").out)[0]["country"] == "DE"


def test_stock_from_nothing_to_a_count(run: Run) -> None:
    assert run("warehouse", "add", "MUC", "--country", "DE", "--ships-to", "DE", "--ships-to", "AT").code == 0
    assert run("item", "add", "MUG", "--title", "Mug", "--barcode", "4006381333931").code == 0
    assert run("item", "add", "SET", "--kit", "MUG=4").code == 0
    assert run("stock", "set", "MUG", "MUC", "12", "--safety", "2").out == "MUG in MUC: 12 on hand (+12).\n"
    assert run("stock", "add", "MUG", "MUC", "3").out == "MUG in MUC: 15 on hand (+3).\n"
    assert run("stock", "set", "MUG", "MUC", "14").out == "MUG in MUC: 14 on hand (-1).\n"
    assert run("orders").out == "No orders.\n"
    assert json.loads(run("stock", "--json").out) == [
        {
            "sku": "MUG",
            "warehouse": "MUC",
            "lot": "",
            "expires_on": None,
            "on_hand": 14,
            "reserved": 0,
            "damaged": 0,
            "quality_hold": 0,
            "safety": 2,
            "incoming": 0,
            "in_transit": 0,
            "ats": 12,
        }
    ]
    assert json.loads(run("item", "--json").out)[1] == {
        "sku": "SET", "title": "", "barcode": "", "weight_g": 0, "value": "0.00", "tags": [], "kit": {"MUG": 4},
    }  # fmt: skip
    assert json.loads(run("warehouse", "list", "--json").out)[0]["ships_to"] == ["DE", "AT"]
    table = run("stock").out.split("\n")
    names = "sku warehouse lot expires_on on_hand reserved damaged quality_hold safety incoming in_transit ats"
    assert table[0].split() == names.split()
    assert table[1].split() == ["MUG", "MUC", "14", "0", "0", "0", "2", "0", "0", "12"]


def test_a_kit_has_plain_parts_and_no_stock_and_a_refused_one_leaves_no_sku(run: Run) -> None:
    run("warehouse", "add", "MUC")
    run("item", "add", "MUG")
    run("item", "add", "SET", "--kit", "MUG=4")
    before = run("item", "--json").out
    words = "stockline: kit BIG: components are plain SKUs, 1 or more of each (not itself, no kit in a kit)\n"
    assert run("item", "add", "BIG", "--kit", "SET=1") == Done(2, "", words)
    assert run("item", "--json").out == before
    words = "stockline: SET is a kit and has no stock of its own: name its components (MUG)\n"
    assert run("stock", "set", "SET", "MUC", "5") == Done(2, "", words)
    assert run("stock", "--json").out == "[]\n"


def test_hints_about_stock_say_what_is_so(run: Run) -> None:
    run("warehouse", "add", "BER", "--country", "DE")
    run("item", "add", "A")
    run("item", "add", "SET", "--kit", "A=2")
    empty = "No stock yet. Count a shelf: stockline stock set SKU WAREHOUSE PIECES\n"
    assert run("stock", "list", "--sku", "A").out == empty
    unknown = "stockline: there is no SKU 'NOPE': add it first (stockline item add NOPE)\n"
    assert run("stock", "list", "--sku", "NOPE") == Done(2, "", unknown)
    assert "there is no warehouse 'ORD'" in run("stock", "list", "--warehouse", "ORD").err
    assert "SET is a kit and has no stock of its own" in run("stock", "list", "--sku", "SET").err
    below = "stockline: counted = -5: expected a number of pieces from 0 on\n"
    assert run("stock", "set", "A", "BER", "-5") == Done(2, "", below)
    assert "No such option '--resaon'" in run("stock", "set", "A", "BER", "5", "--resaon", "x").err
    run("stock", "set", "A", "BER", "10")
    assert run("stock", "add", "A", "BER", "--reason", "lost", "-20") == Done(
        2, "",
        "stockline: A in BER: 10 on hand, 0 promised to orders; -10 would be too few: "
        "no more than 10 can be taken away\n",
    )  # fmt: skip
    assert run("stock", "add", "A", "BER", "-4", "--reason", "lost").out == "A in BER: 6 on hand (-4).\n"
    assert run("stock", "add", "A", "BER", "--", "-1").out == "A in BER: 5 on hand (-1).\n"


def test_stock_by_lot_promises_no_more_than_its_warehouse(run: Run) -> None:
    run("warehouse", "add", "MUC", "--country", "DE")
    run("item", "add", "MUG")
    run("stock", "set", "MUG", "MUC", "0", "--safety", "2")
    run("stock", "add", "MUG", "MUC", "3", "--lot", "L1")
    rows = json.loads(run("stock", "--json").out)
    assert [(row["lot"], row["on_hand"], row["safety"], row["ats"]) for row in rows] == [("", 0, 2, 0), ("L1", 3, 0, 1)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("stock", "set", "NOPE", "MUC", "1"), "there is no SKU 'NOPE': add it first (stockline item add NOPE)"),
        (
            ("connection", "pause", "shop"),
            "no connection named 'shop'; none yet; add one: ",
        ),
        (("connection", "add", "ebuy", "shop"), "no connector named 'ebuy'; there are: "),
        (("item", "add", "SET", "--kit", "MUG"), "--kit 'MUG': write SKU=PIECES"),
        (("user", "link", "ada"), "nobody is named 'ada'; there are: none yet"),
        (("worker",), "stockline worker needs a broker: set STOCKLINE_BROKER_URL"),
        (("scheduler",), "stockline scheduler needs a broker"),
        (("db", "check", "--database-url", "mysql://ada:hunter2@host/x"), "use sqlite:///FILE or postgresql://"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...], words: str, run: Run) -> None:
    run("db", "upgrade")
    done = run(*arguments)
    assert done.code == 2
    assert words in done.err
    assert done.err.count("\n") == 1
    assert done.err.startswith("stockline: ")
    assert "hunter2" not in done.err
    assert done.out == ""


def test_an_item_keeps_what_is_not_given(run: Run) -> None:
    run("item", "add", "MUG", "--title", "Mug", "--barcode", "4006381333931")
    run("item", "add", "MUG", "--title", "Enamel mug")
    run("item", "add", "MUG")
    (line,) = json.loads(run("item", "--json").out)
    assert (line["title"], line["barcode"]) == ("Enamel mug", "4006381333931")


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out == f"stockline {__version__}\n"


def test_migrations_are_run_once_and_said(run: Run) -> None:
    assert run("db", "check").code == 1
    head = migrate.head()
    assert run("db", "upgrade").out == f"The database stands at step {head}; it stood at none.\n"
    assert run("db", "upgrade").out == f"The database stands at step {head}; nothing to do.\n"
    checked = run("db", "check", "--json")
    assert (checked.code, json.loads(checked.out)) == (0, {"current": head, "head": head, "up_to_date": True})


def test_an_audit_that_finds_something_ends_with_1(run: Run, tmp_path: Path) -> None:
    run("warehouse", "add", "MUC")
    run("item", "add", "MUG")
    run("stock", "set", "MUG", "MUC", "12")
    clean = run("audit", "--json")
    assert (clean.code, json.loads(clean.out)["mismatches"]) == (0, 0)
    with hub_in(tmp_path) as hub, hub.db.write() as connection:
        connection.execute(update(stock_balances).values(on_hand=13))
    found = run("audit", "--json")
    assert (found.code, json.loads(found.out)["mismatches"]) == (1, 1)
    assert "balance_is_ledger: MUG in MUC (on_hand): 13 stands where 12 should" in run("audit").out
    mended = run("audit", "--repair", "--yes")
    assert (mended.code, mended.out.split("\n")[0]) == (
        0, "mended balance_is_ledger: MUG in MUC: on_hand 13 (ledger 12) is 12; "
           "what lies there is taken from the ledger",
    )  # fmt: skip
    again = json.loads(run("audit", "--repair", "--json").out)
    assert (again["done"], again["needs_person"], again["left"]["mismatches"]) == ([], [], 0)


def test_a_person_gets_a_link(run: Run) -> None:
    added = run("user", "add", "ada@example.com", "--role", "operator").out.split("\n")
    assert added[0] == "Added ada@example.com (operator)."
    assert added[1].startswith("http://127.0.0.1:8765/link/")
    again = run("user", "link", "ada@example.com").out.strip()
    assert again.startswith("http://127.0.0.1:8765/link/")
    assert again != added[1]
    (person,) = json.loads(run("user", "--json").out)
    assert (person["name"], person["role"], person["state"]) == ("ada@example.com", "operator", "invited")
