"""`stockline connection check`, `connection list` and `doctor` say what a connection lacks, and what fails at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.medusa.sandbox import MedusaSandbox
from connectors.woocommerce.sandbox import WooSandbox
from hub.cli.shared import connection_id
from hub.reports.setup import read_setup
from hub.settings import load
from hub.store import tables as t
from hub.usecases.check_webhooks import check_webhooks
from hub.wiring import Hub
from tests.cli.conftest import Run, connected, hub_in

NOT_CALLED = (
    "no public address is set, so the channel cannot call, and orders come by the clock alone: set "
    "STOCKLINE_PUBLIC_URL, or check with --callback-url https://…"
)


@pytest.fixture
def woo(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A shop that can call, connected as `live` by a hub without a public address."""
    sandbox = WooSandbox()
    sandbox.start()
    try:
        for name, text in sandbox.secrets.items():
            monkeypatch.setenv(name.upper(), text)
        pairs = [text for name, value in sandbox.settings.items() for text in ("--set", f"{name}={value}")]
        secrets = [text for name in sandbox.secrets for text in ("--secret", f"{name}=env:{name.upper()}")]
        added = run("connection", "add", "woocommerce", "live", *pairs, *secrets)
        assert added.code == 0, added.err
        yield
    finally:
        sandbox.stop()


def _hooks(run: Run, *options: str) -> list[tuple[str, bool, bool]]:
    checked = run("connection", "check", "live", "--json", *options)
    assert checked.code == 0, checked.out
    found = [(one["what"], one["ok"], one["repaired"]) for one in json.loads(checked.out)]
    return [one for one in found if "webhook" in one[0]]


def test_a_check_without_an_address_says_that_webhooks_do_not_come(run: Run, woo: None) -> None:
    checked = run("connection", "check", "live")
    assert (checked.code, checked.out.splitlines()[-1]) == (0, f"without   webhooks: {NOT_CALLED}")
    assert _hooks(run) == [("webhooks", False, False)]


def test_where_webhooks_went_before_they_are_looked_after_without_naming_it_again(run: Run, woo: None) -> None:
    made = _hooks(run, "--callback-url", "http://127.0.0.1:9/webhooks/live")
    assert made
    assert all(ok and repaired for _, ok, repaired in made)
    assert _hooks(run) == [(what, True, False) for what, _, _ in made]


def _doctor(run: Run) -> dict[str, object]:
    (line,) = [line for line in json.loads(run("doctor", "--json").out) if line["check"] == "webhooks of live"]
    return {name: line[name] for name in ("ok", "found", "fix")}


def test_the_doctor_says_that_webhooks_are_not_registered_and_what_registers_them(
    run: Run, woo: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "not registered, as no public address is set, so orders come by the clock alone: set "
        "STOCKLINE_PUBLIC_URL, or: stockline connection check live --callback-url https://…",
    }  # fmt: skip
    monkeypatch.setenv("STOCKLINE_PUBLIC_URL", "http://127.0.0.1:9")
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "not registered yet: a hub that runs does it within minutes; at once: stockline connection check live",
    }  # fmt: skip
    _write(tmp_path, "webhook_check", error="it said no")
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "not registered, so orders come by the clock alone: it said no; once that is mended: "
        "stockline connection check live",
    }  # fmt: skip
    _write(tmp_path, "orders", paused=True)
    assert _doctor(run) == {
        "ok": False, "fix": "stockline connection check live",
        "found": "not registered, and orders do not come by the clock either: it said no; once that is mended: "
        "stockline connection check live",
    }  # fmt: skip
    assert all(ok for _, ok, _ in _hooks(run))
    assert "webhooks of live" not in run("doctor").out


def _write(tmp_path: Path, stream: str, **values: Any) -> None:
    with hub_in(tmp_path) as hub, hub.db.write() as db:
        db.execute(t.streams.update().where(t.streams.c.stream == stream).values(values))


def test_the_doctor_says_that_webhooks_are_not_kept_as_they_were_registered(
    run: Run, woo: None, tmp_path: Path
) -> None:
    _hooks(run, "--callback-url", "http://127.0.0.1:9/webhooks/live")
    _write(tmp_path, "webhook_check", error="it said no", failures=1)
    assert "webhooks of live" not in run("doctor").out  # it may go by itself, and is told where it does not
    _write(tmp_path, "webhook_check", failures=0)
    assert _doctor(run) == {
        "ok": False, "fix": "stockline connection check live",
        "found": "the channel does not keep them as they were registered, so orders come by the clock alone: "
        "it said no",
    }  # fmt: skip


def test_the_doctor_says_that_webhooks_go_elsewhere_than_below_the_public_address(
    run: Run, woo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hooks(run, "--callback-url", "http://127.0.0.1:9/webhooks/live")
    monkeypatch.setenv("STOCKLINE_PUBLIC_URL", "https://hub.example")
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "go to http://127.0.0.1:9/webhooks/live, not below the public address, "
        "https://hub.example/webhooks/live; to send them there: stockline connection check live",
    }  # fmt: skip
    _hooks(run)
    assert "webhooks of live" not in run("doctor").out


def test_the_doctor_says_that_webhooks_are_about_to_follow_the_public_address(
    run: Run, woo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKLINE_PUBLIC_URL", "http://127.0.0.1:9")
    _hooks(run)
    monkeypatch.setenv("STOCKLINE_PUBLIC_URL", "http://127.0.0.1:10")
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "go to http://127.0.0.1:9/webhooks/live, and a hub that runs has them go to "
        "http://127.0.0.1:10/webhooks/live within minutes; at once: stockline connection check live",
    }  # fmt: skip


def test_the_doctor_says_that_no_shop_elsewhere_reaches_an_address_of_this_machine(
    run: Run, woo: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hub_in(tmp_path) as hub, hub.db.write() as db:
        settings = {**read_setup(hub.db, 1).settings, "shop_url": "https://shop.example"}
        db.execute(t.connections.update().values(settings=settings))
    monkeypatch.setenv("STOCKLINE_PUBLIC_URL", "http://localhost:8000")
    assert _doctor(run) == {
        "ok": True, "fix": "",
        "found": "not registered, as the public address http://localhost:8000/webhooks/live is one of this machine "
        "alone, so orders come by the clock alone: set STOCKLINE_PUBLIC_URL to one that the channel reaches",
    }  # fmt: skip


def test_a_hub_that_runs_registers_webhooks_below_its_public_address(run: Run, woo: None, tmp_path: Path) -> None:
    with Hub(load(data_dir=tmp_path / "data", public_url="http://127.0.0.1:9/")) as hub:
        assert check_webhooks(hub.context(), connection_id(hub, "live")) == 5
        assert read_setup(hub.db, 1).settings["callback_url"] == "http://127.0.0.1:9/webhooks/live"
    assert all(ok and not repaired for _, ok, repaired in _hooks(run))


def test_a_channel_that_never_calls_lacks_nothing(run: Run, practice: MedusaSandbox) -> None:
    connected(run, practice)
    assert "webhook" not in run("connection", "check", "live").out
    assert "webhooks of" not in run("doctor").out


def test_a_dead_shop_is_not_told_as_active_alone(run: Run, practice: MedusaSandbox) -> None:
    connected(run, practice)
    practice.stop()
    for _ in range(3):
        assert run("connection", "pull", "live").code == 1
    (row,) = json.loads(run("connection", "list", "--json").out)
    assert (row["state"], row["health"], row["state_reason"]) == ("active", "error", "")
    assert row["last_error"].startswith("listings: ")
    (head, shown) = run("connection", "list").out.splitlines()[:2]
    assert head.split()[2:4] == ["state", "health"]
    assert shown.split()[2:4] == ["active", "error"]
    assert "listings: " in shown
    doctor = {line["check"]: line for line in json.loads(run("doctor", "--json").out)}
    assert doctor["connection live"] == {
        "check": "connection live", "ok": False, "found": f"active, error: {row['last_error']}",
        "fix": "stockline connection check live",
    }  # fmt: skip


def test_a_shop_that_answers_is_told_as_well(run: Run, practice: MedusaSandbox) -> None:
    connected(run, practice)
    assert run("connection", "pull", "live").code == 0
    (row,) = json.loads(run("connection", "list", "--json").out)
    assert (row["health"], row["last_error"]) == ("starting", "")  # what goes out by itself did not run yet
