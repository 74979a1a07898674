"""Connections at the command line: added, mended, paused; their secrets; and what the doctor finds of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from connectors.kit.wire.limiter import Bucket, shared_by
from hub.store.levels import SharedLevels
from hub.store.tables import connections, streams
from tests.cli.conftest import Done, Run, hub_in

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def _add_connection(tmp_path: Path, **values: Any) -> None:
    row = {"name": "shop", "channel": "nowhere", "settings": {}, "secrets": {}, "state": "active", "state_reason": "",
           "on_shortage": "hold", "created_at": NOW, "updated_at": NOW}  # fmt: skip
    with hub_in(tmp_path) as hub, hub.db.write() as connection:
        connection.execute(insert(connections).values(row | values))


def test_a_connection_is_mended_with_one_command(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", "x" * 24)
    secrets = [text for name in ("access_token", "webhook_secret") for text in ("--secret", f"{name}=env:TEST_SECRET")]
    wrong = run("connection", "add", "shopify", "shop", "--set", "shop_url=shop.example", *secrets)
    assert (wrong.code, wrong.err.count("\n"), run("connection", "--json").out) == (2, 1, "[]\n")
    assert run("connection", "add", "shopify", "shop", "--set", "shop_url=https://a.example", *secrets).code == 0
    with hub_in(tmp_path) as hub, hub.db.write() as connection:  # stored by an older version
        connection.execute(update(connections).values(settings={"shop_url": "shop.example"}))
    assert "stockline connection change shop" in run("doctor").out
    done = run("connection", "change", "shop", "--set", "shop_url=https://shop.example", "--on-shortage", "refuse")
    assert done.out == "Changed shop. Now check it: stockline connection check shop\n"
    assert "connection change shop" not in run("doctor").out
    unknown = run("connection", "change", "shop", "--set", "shop=x", "--set", "soft_minutes=30").err
    assert unknown.startswith(
        "stockline: there is no setting shop\nstockline: soft_minutes = '30': write unpaid=MINUTES or "
    )
    assert "\nstockline: settings of shopify: shop_url, " in unknown
    assert ", calls_per_day, lag_permille, quota_zone, soft_minutes\nstockline: secrets: access_token, " in unknown
    wrong = run("connection", "change", "shop", "--set", "calls_per_day=0", "--set", "quota_zone= Mars ")
    assert (wrong.code, wrong.err) == (
        2,
        "stockline: calls_per_day = '0': use a whole number from 1 to 1000000000, such as 5000\n"
        "stockline: quota_zone = 'Mars': use the name of a time zone, such as Asia/Shanghai\n",
    )
    assert run("connection", "change", "shop").code == 2
    assert run("connection", "change", "nope", "--on-shortage", "hold").code == 2


def test_a_secret_that_cannot_be_asked_for_says_how_to_give_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = ("connection", "add", "shopify", "shop", "--set", "shop_url=https://a.example", "--set", "location_id=1",
            "--secret", "webhook_secret=env:WORD")  # fmt: skip
    monkeypatch.setenv("WORD", "w")
    done = run(*shop, "--secret", "access_token")
    assert done == Done(2, "", (
        "stockline: --secret access_token: there is no terminal to ask at; write access_token=@FILE or "
        "access_token=env:NAME\n"
    ))  # fmt: skip
    assert run("connection", "--json").out == "[]\n"


def test_all_that_is_wrong_with_secrets_and_settings_is_told_at_once_a_line_each(run: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    done = run(
        "connection", "add", "ebay", "shop", "--set", "orders_since=soon", "--set", "client_id",
        "--secret", f"signing_key=@{tmp_path}/nope", "--secret", "client_secret=env:NOPE", "--secret", "nope=hunter2",
        "--secret", f"refresh_token=@{tmp_path}/key", "--secret", "verification_token=hunter2",
    )  # fmt: skip
    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "") and all(line.startswith("stockline: ") for line in lines), done.err
    assert [line.removeprefix("stockline: ") for line in lines][:-2] == [
        "--secret client_secret: there is no environment variable NOPE",
        "there is no secret nope",
        f"--secret refresh_token: {tmp_path}/key is no text",
        f"--secret signing_key: {tmp_path}/nope cannot be read (No such file or directory)",
        "--secret verification_token: write verification_token=@FILE or verification_token=env:NAME "
        "(others can read a command line)",
        "--set 'client_id': write KEY=VALUE",
        "orders_since = 'soon': expected a date such as 2026-11-01",
    ]
    assert lines[-2].startswith("stockline: settings of ebay: client_id, ") and "hunter2" not in done.err
    assert run("connection", "--json").out == "[]\n"


@pytest.mark.parametrize("secret", ["access_token=shpat_1", "access_token=env:NOT_THERE", "access_token=@/not/there"])
def test_a_secret_never_comes_from_the_command_line_itself(secret: str, run: Run) -> None:
    done = run("connection", "add", "shopify", "shop", "--set", "shop_url=https://x.example", "--secret", secret)
    assert done.code == 2
    assert "--secret access_token: " in done.err
    assert "shpat_1" not in done.err


def test_a_connection_is_added_with_sealed_secrets_paused_and_resumed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("shpat_canary\n")
    monkeypatch.setenv("HOOK", "hook_canary")
    done = run(
        "connection", "add", "shopify", "shop", "--set", "shop_url=https://x.example", "--on-shortage", "refuse",
        "--secret", f"access_token=@{tmp_path}/token", "--secret", "webhook_secret=env:HOOK",
    )  # fmt: skip
    assert (done.code, done.out) == (0, "Added shop. Now check it: stockline connection check shop\n")
    (row,) = json.loads(run("connection", "--json").out)
    assert (row["channel"], row["state"], row["on_shortage"]) == ("shopify", "active", "refuse")
    for file in (tmp_path / "data").glob("*sqlite3*"):
        assert b"canary" not in file.read_bytes()
    run("connection", "pause", "shop", "--why", "holiday")
    (row,) = json.loads(run("connection", "--json").out)
    assert (row["state"], row["state_reason"]) == ("paused", "holiday")
    run("connection", "resume", "shop")
    assert json.loads(run("connection", "--json").out)[0]["state"] == "active"


def test_doctor_names_what_is_wrong_and_how_to_mend_it(run: Run, tmp_path: Path) -> None:
    _add_connection(tmp_path, name="paused-shop", state="auth_failed", state_reason="the token was refused")
    _add_connection(tmp_path, name="odd-shop")
    with hub_in(tmp_path) as hub, hub.db.write() as connection:
        connection.execute(
            insert(streams).values(
                connection_id=2, stream="orders", due_at=NOW, every_s=60, error="the channel is down", failures=7,
                paused=False, total=0,
            )
        )  # fmt: skip
    done = run("doctor", "--json")
    wrong = {line["check"]: line for line in json.loads(done.out) if not line["ok"]}
    assert done.code == 1
    assert set(wrong) == {"scheduler", "connection paused-shop", "connection odd-shop", "orders of odd-shop"}
    assert all(line["fix"] for line in wrong.values())
    assert wrong["connection paused-shop"]["found"] == "auth_failed: the token was refused"
    assert "no connector named 'nowhere'" in wrong["connection odd-shop"]["found"]
    assert wrong["orders of odd-shop"]["found"] == "failed 7 times in a row: the channel is down"


def test_doctor_says_that_a_platform_slows_us_down_and_until_when(run: Run, tmp_path: Path) -> None:
    _add_connection(tmp_path, name="shop")
    with hub_in(tmp_path) as hub:
        with hub.db.write() as connection:
            connection.execute(
                insert(streams).values(
                    connection_id=1, stream="orders", due_at=NOW, every_s=60, error="429", failures=7, paused=False,
                    total=0,
                )
            )  # fmt: skip
        with shared_by(SharedLevels(hub.db, 1)):
            Bucket(5.0).throttled(3600)
    done = run("doctor", "--json")
    lines = {line["check"]: line for line in json.loads(done.out)}
    assert "orders of shop" not in lines, "it fails because of the platform, which is told once"
    slow = lines["limits of shop"]
    assert not slow["ok"]
    assert re.fullmatch(
        r"the platform allows no calls until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; that is why it lags", slow["found"]
    )
    assert "stockline connection change shop --set calls_per_second=1" in slow["fix"]


def test_doctor_says_that_a_connection_catches_up_and_that_this_is_not_wrong(run: Run, tmp_path: Path) -> None:
    _add_connection(tmp_path, name="shop")
    with hub_in(tmp_path) as hub, hub.db.write() as connection:
        connection.execute(
            insert(streams).values(
                connection_id=1, stream="orders", due_at=NOW, every_s=60, error="", failures=0, paused=False, total=9,
                behind=True, newest_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
            )
        )  # fmt: skip
    (line,) = [line for line in json.loads(run("doctor", "--json").out) if line["check"] == "orders of shop"]
    words = "catching up, read up to 2026-11-20 08:30 UTC; its stock is told once they are all here"
    assert (line["ok"], line["found"]) == (True, words)


def test_doctor_warns_of_a_key_file_that_others_can_read(run: Run, tmp_path: Path) -> None:
    with hub_in(tmp_path) as hub:
        assert hub.box
    (tmp_path / "data" / "secret_keys").chmod(0o644)
    wrong = {line["check"]: line for line in json.loads(run("doctor", "--json").out) if not line["ok"]}
    assert wrong["keys"]["fix"] == f"chmod 600 {tmp_path}/data/secret_keys"


def test_connectors_are_listed_with_what_they_need(run: Run) -> None:
    known = {row["name"]: row for row in json.loads(run("connectors", "--json").out)}
    assert {"shopify", "woocommerce", "x12"} <= set(known)
    assert "access_token" in known["shopify"]["secrets"]


def test_reconcile_tells_which_channel_could_not_be_compared(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    assert run("reconcile", "--json").out == "[]\n"
    _add_connection(tmp_path)
    done = run("reconcile", "shop")
    assert done.code == 1
    assert "no connector named 'nowhere'" in done.out
