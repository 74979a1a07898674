"""`stockline connection pull --order`, `push --sku` and `backfill`, against a practice shop."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.kit.contract.base import SHOPPER
from connectors.medusa.sandbox import MedusaSandbox
from hub.store import tables as t
from tests.cli.conftest import Run, hub_in, stocked


@pytest.fixture
def shop(run: Run, practice: MedusaSandbox) -> MedusaSandbox:
    """A shop with goods, connected as `live`; MUG-RED is counted."""
    return stocked(run, practice, MUG_RED=7)


def test_one_order_is_read_now_and_said_to_be_known_the_second_time(run: Run, shop: MedusaSandbox) -> None:
    ref = shop.place_order(SHOPPER, [("MUG-RED", 2)])
    shop.place_order(SHOPPER, [("MUG-RED", 1)])
    done = run("connection", "pull", "live", "--order", ref)
    assert (done.code, done.out.splitlines()[0]) == (0, f"{ref}: read.")
    again = json.loads(run("connection", "pull", "live", "--order", ref, "--json").out)
    assert (again["ref"], again["new"], len(again["orders"])) == (ref, False, 1)
    assert len(json.loads(run("orders", "--json").out)) == 1  # the other order was left alone


def test_the_number_that_the_buyer_sees_finds_an_order_that_is_not_here_yet(run: Run, shop: MedusaSandbox) -> None:
    refs = [shop.place_order(SHOPPER, [("MUG-RED", 1)]) for _ in range(2)]
    done = json.loads(run("connection", "pull", "live", "--order", "#2", "--json").out)
    assert (done["ref"], [row["number"] for row in done["orders"]]) == (refs[1], ["2"])


def test_an_order_that_the_channel_does_not_have_is_one_line(run: Run, shop: MedusaSandbox) -> None:
    done = run("connection", "pull", "live", "--order", "order_nobody")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "order_nobody" in done.err


def test_one_sku_is_sent_now_with_what_the_channel_shows(run: Run, shop: MedusaSandbox) -> None:
    assert run("connection", "pull", "live").code == 0
    done = run("connection", "push", "--sku", "MUG-RED", "--json")
    (said,) = json.loads(done.out)
    assert (done.code, said["connection"], said["sku"], said["state"], said["number"]) == (
        0, "live", "MUG-RED", "accepted", 7,
    )  # fmt: skip
    shop.outage(60)
    run("stock", "set", "MUG-RED", "BER", "3")
    failed = run("connection", "push", "live", "--sku", "MUG-RED", "--json")
    assert (failed.code, json.loads(failed.out)[0]["state"] == "accepted") == (1, False)


def test_a_push_needs_a_name_or_a_known_sku(run: Run, shop: MedusaSandbox) -> None:
    assert run("connection", "push").err.startswith("stockline: name a connection, or the SKUs to send to all of them")
    unknown = run("connection", "push", "--sku", "NOPE")
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)
    assert "NOPE" in unknown.err


def test_past_days_are_read_here_and_now(run: Run, shop: MedusaSandbox) -> None:
    assert run("connection", "backfill", "live").out.startswith("None yet: stockline connection backfill live --since")
    shop.place_order(SHOPPER, [("MUG-RED", 1)])
    since = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    (done,) = json.loads(run("connection", "backfill", "live", "--since", since, "--run", "--json").out)
    assert (done["state"], done["new"], done["known"], done["error"]) == ("done", 1, 0, "")
    assert len(json.loads(run("orders", "--json").out)) == 1


def test_a_backfill_is_cancelled_and_an_end_needs_a_beginning(run: Run, shop: MedusaSandbox) -> None:
    alone = run("connection", "backfill", "live", "--until", "2026-11-15")
    assert (alone.code, alone.err) == (
        2, "stockline: --until: say with --since where it begins: stockline connection backfill live "
        "--since YYYY-MM-DD --until 2026-11-15\n",
    )  # fmt: skip
    since = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    (asked,) = json.loads(run("connection", "backfill", "live", "--since", since, "--json").out)
    assert asked["state"] == "running"
    (over,) = json.loads(run("connection", "backfill", "live", "--cancel", "--json").out)
    assert over["state"] == "cancelled"


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (("--since", "soon"), "Invalid value for '--since': 'soon' is no date: write a day such as 2026-11-01, or a "
                              "minute such as 2026-11-01T08:30."),
        (("--since",), "Option '--since' requires an argument."),
    ],
)  # fmt: skip
def test_a_beginning_that_is_no_date_is_told_with_the_right_form(
    run: Run, shop: MedusaSandbox, since: tuple[str, ...], words: str
) -> None:
    done = run("connection", "backfill", "live", *since)
    assert (done.code, done.out, done.err) == (
        2, "", f"stockline: {words} For example: stockline connection backfill shop --since 2026-11-01 --until "
        "2026-11-15. See: stockline connection backfill --help\n",
    )  # fmt: skip


def test_once_asked_for_it_says_where_its_way_is_seen_and_that_nobody_reads(run: Run, shop: MedusaSandbox) -> None:
    since = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    asked = run("connection", "backfill", "live", "--since", since)
    assert asked.out.splitlines()[-1] == "How far it is: stockline connection backfill live"
    assert asked.err == (
        "Nobody looks for waiting work: start `stockline up`, or read it here: stockline connection backfill live "
        "--run\n"
    )
    run("connection", "backfill", "live", "--cancel")
    done = run("connection", "backfill", "live", "--since", since, "--run")
    assert "How far" not in done.out + done.err


def test_a_pull_after_a_hub_that_runs_says_what_is_held_in_all(run: Run, shop: MedusaSandbox) -> None:
    shop.place_order(SHOPPER, [("MUG-BLUE", 1)])  # a SKU that nobody added
    assert run("connection", "pull", "live").out.splitlines()[0].endswith("held: 1")
    again = run("connection", "pull", "live").out.splitlines()
    assert again[0].endswith("held: 0, held now: 1")
    assert again[1:] == ["What is held, and what mends it: stockline holds"]
    counts = json.loads(run("connection", "pull", "live", "--json").out)
    assert (counts["held"], counts["held_now"]) == (0, 1)


@pytest.mark.parametrize("until", [(), ("--until", f"{datetime.now(UTC):%Y-%m-%d}")])
def test_run_reads_the_backfill_that_waits_already(run: Run, shop: MedusaSandbox, until: tuple[str, ...]) -> None:
    shop.place_order(SHOPPER, [("MUG-RED", 1)])
    days = ("--since", f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}", *until)
    (asked,) = json.loads(run("connection", "backfill", "live", *days, "--json").out)
    (done,) = json.loads(run("connection", "backfill", "live", *days, "--run", "--json").out)
    assert (asked["state"], done["id"], done["state"], done["new"]) == ("running", asked["id"], "done", 1)


def test_run_does_not_read_another_range_than_it_was_told(run: Run, shop: MedusaSandbox) -> None:
    days = [f"{datetime.now(UTC) - timedelta(days=back):%Y-%m-%d}" for back in (2, 3)]
    run("connection", "backfill", "live", "--since", days[0])
    other = run("connection", "backfill", "live", "--since", days[1], "--run")
    assert (other.code, other.err) == (
        2, "stockline: a backfill of live is under way already: wait for it, or cancel it first\n",
    )  # fmt: skip
    (still,) = json.loads(run("connection", "backfill", "live", "--json").out)
    assert (still["state"], still["since"][:10]) == ("running", days[0])


def _stuck(tmp_path: Path, cursor: str | None, error: str) -> None:
    values = {"cursor": cursor, "failures": 3, "error": error}
    with hub_in(tmp_path) as hub, hub.db.write() as db:
        db.execute(t.streams.update().where(t.streams.c.stream == "orders").values(values))


def _fix(run: Run) -> str:
    (line,) = [one for one in json.loads(run("doctor", "--json").out) if one["check"] == "orders of live"]
    return str(line["fix"])


def test_a_stream_that_cannot_read_its_own_place_is_named_with_what_has_it_begin_anew(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    shop.place_order(SHOPPER, [("MUG-RED", 1)])
    run("connection", "pull", "live")
    _stuck(tmp_path, "garbage", "")
    for _ in range(3):
        done = run("connection", "pull", "live")
        assert done.code == 2
    assert done.err.startswith("stockline: cursor = 'garbage': expected an ISO 8601 time")
    assert done.err.endswith(f"; {_fix(run)}\n")
    assert _fix(run) == (
        "it cannot read its own place; begin anew, nothing is doubled: stockline connection restart live orders"
    )
    (head,) = [one for one in json.loads(run("doctor", "--json").out) if one["check"] == "connection live"]
    assert (head["ok"], head["found"][:32], head["fix"]) == (False, "active, error: orders: cursor = ", _fix(run))
    done = run("connection", "restart", "live", "orders")
    assert (done.code, done.out) == (
        0, "The next pull of orders of live begins where a first pull does. At once: stockline connection pull live\n",
    )  # fmt: skip
    assert run("connection", "pull", "live").code == 0
    assert len(json.loads(run("orders", "--json").out)) == 1
    day = run("connection", "restart", "live", "orders", "--since", "2026-11-01")
    assert day.out.startswith("The next pull of orders of live begins at 2026-11-01 00:00 UTC. At once: ")


def test_a_stream_that_fails_for_another_reason_is_not_begun_anew(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    _stuck(tmp_path, "2026-11-01T00:00:00Z", "the shop does not answer")
    assert _fix(run) == "stockline connection check live"
    _stuck(tmp_path, "2026-11-01T00:00:00Z", "connector x: its package y has a fault of its own in pull_orders (E: w)")
    assert _fix(run) == (
        "stockline connection check live; where it is its own place that it cannot read: "
        "stockline connection restart live orders"
    )


def test_a_paused_connection_that_begins_anew_says_what_sets_it_going(run: Run, shop: MedusaSandbox) -> None:
    run("connection", "pause", "live")
    done = run("connection", "restart", "live", "orders")
    assert (done.code, done.out.startswith("The next pull of orders of live begins")) == (1, True)
    assert "stockline connection resume live" in done.err
