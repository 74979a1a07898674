"""`stockline map`: canonical JSON on standard output, or one JSON line on standard error and exit code 2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mappings.payloads import shopify_rest, woo

Done = subprocess.CompletedProcess[bytes]


def stockline(*arguments: str, stdin: bytes = b"") -> Done:
    """Run the real command in its own process, in a plain C locale."""
    command = [sys.executable, "-m", "hub.cli.main", *arguments]
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PATH": ""}
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60, env=environment)


def refusal(done: Done) -> dict[str, Any]:
    """The one JSON line of a refused file."""
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    found: dict[str, Any] = json.loads(lines[0])
    assert list(found) == ["field", "value", "why"]
    return found


def test_one_order_is_printed_as_an_object_in_utf8(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps({**shopify_rest(), "note": "谢谢 – Straße"}))
    done = stockline("map", "shopify", str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b'{\n  "channel": "shopify",\n  "channel_ref": "9007199254740993001",\n')
    assert json.loads(done.stdout)["note"] == "谢谢 – Straße"


def test_several_orders_are_printed_as_an_array_from_standard_input() -> None:
    done = stockline("map", "shopify", "-", stdin=json.dumps({"orders": [shopify_rest(), shopify_rest()]}).encode())
    assert [order["number"] for order in json.loads(done.stdout)] == ["#2041", "#2041"]


def test_settings_change_the_reading() -> None:
    body = woo()
    del body["date_created_gmt"]
    done = stockline("map", "woocommerce", "-", "--set", "zone=America/New_York", stdin=json.dumps(body).encode())
    assert json.loads(done.stdout)["placed_at"] == "2026-06-01T14:00:00Z"


@pytest.mark.parametrize(
    ("_case", "arguments", "stdin", "field", "why"),
    [
        ("a broken amount", ("shopify", "-"), b'{"id": 1, "total_price": "x"}', "total_price", "expected a number"),
        ("nothing", ("shopify", "-"), b"", "(document)", "the document is empty"),
        ("an empty list", ("shopify", "-"), b"[]", "(document)", "there is no order in it: its list of"),
        ("an empty answer", ("shopify", "-"), b'{"orders": []}', "(document)", "there is no order in it"),
        ("binary", ("shopify", "-"), bytes(range(256)), "(document)", "cannot be read as utf-16-be"),
        ("no such file", ("shopify", "/nowhere/order.json"), b"", "file", "cannot be read: No such file or directory"),
        ("a folder", ("shopify", "/"), b"", "file", "cannot be read: Is a directory"),
        ("no such connector", ("shoppify", "-"), b"{}", "connector", "no connector named 'shoppify'"),
        ("a malformed setting", ("shopify", "-", "--set", "zone"), b"{}", "--set", "expected KEY=VALUE"),
        ("a zone", ("woocommerce", "-", "--set", "zone=X"), b'{"id": 1, "billing": 0}', "settings", "IANA time zone"),
        ("half a character", ("shopify", "-"), b'{"id": "\\ud800", "total_price": "1"}', "id", "expected an id"),
    ],
)  # fmt: skip
def test_a_broken_file_ends_with_one_json_line(
    _case: str, arguments: tuple[str, ...], stdin: bytes, field: str, why: str
) -> None:
    found = refusal(stockline("map", *arguments, stdin=stdin))
    assert found["field"] == field
    assert why in found["why"]


def test_help_names_the_commands_without_importing_the_hub() -> None:
    probe = "import sys\nfrom hub.cli.main import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    heavy = "print([m for m in ('fastapi', 'sqlmodel', 'celery', 'sqlalchemy') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{probe}{heavy}", "--help"], capture_output=True, check=False, timeout=60
    )
    assert done.stdout.decode().rstrip().endswith("[]")
    assert "map" in done.stdout.decode()
