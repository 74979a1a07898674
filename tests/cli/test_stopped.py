"""What commands say of stopped streams and of zeros that wait for a person, and how these are allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.kit.contract.base import ITEMS
from connectors.medusa.sandbox import MedusaSandbox
from hub.settings import load
from hub.store.tables import streams
from hub.usecases.connect import pause_stream
from hub.usecases.push_stock import ASKS
from hub.wiring import Hub
from tests.cli.conftest import Run, connected

SKUS = [item.sku for item in ITEMS]
WHY = (
    f"3 of 3 listings with stock wait with 0 ({', '.join(sorted(SKUS))}): these did not sell out, and are not told "
    "until somebody says so (mass-zero breaker, which keeps no other number back)"
)
MEND = (
    "are the zeros meant: stockline connection allow-zeros live; else mend the stock: what is above 0 again goes out "
    "by itself, and stockline connection resume live has the rest judged anew"
)


@pytest.fixture
def shop(run: Run, practice: MedusaSandbox) -> MedusaSandbox:
    """A shop with three SKUs, connected as `live`; it shows 5 pieces of each."""
    good(run, "warehouse", "add", "BER", "--country", "DE")
    for sku in SKUS:
        good(run, "item", "add", sku)
    connected(run, practice)
    good(run, "connection", "pull", "live")
    count(run, 5)
    assert good(run, "connection", "push", "live") == "messages: 0, listings: 3\n"
    return practice


def good(run: Run, *command: str) -> str:
    """What a command says that must go well."""
    done = run(*command)
    assert done.code == 0, (command, done)
    return done.out


def count(run: Run, pieces: int) -> None:
    for sku in SKUS:
        good(run, "stock", "set", sku, "BER", str(pieces))


def wrong(run: Run) -> dict[str, tuple[str, str]]:
    """Check -> what the doctor found and how to mend it, of what is wrong; the scheduler does not run here."""
    lines = json.loads(run("doctor", "--json").out)
    return {one["check"]: (one["found"], one["fix"]) for one in lines if not one["ok"] and one["check"] != "scheduler"}


@pytest.fixture
def stopped(run: Run, shop: MedusaSandbox) -> MedusaSandbox:
    """Its breaker keeps zeros back: all three were counted as 0."""
    count(run, 0)
    run("connection", "push", "live")
    return shop


def test_the_push_whose_zeros_the_breaker_keeps_back_says_so_and_what_to_do(run: Run, shop: MedusaSandbox) -> None:
    count(run, 0)
    for _ in range(2):  # the push that they come with, and those after it
        done = run("connection", "push", "live")
        assert (done.code, done.out) == (1, "messages: 0, listings: 0\n")
        assert done.err == f"stockline: live: {WHY}; {MEND}\n"
    one = run("connection", "push", "live", "--sku", "MUG-RED", "--json")
    (said,) = json.loads(one.out)
    assert (one.code, said["state"], said["why"]) == (1, "waits", ASKS)
    assert MEND in one.err


def test_a_number_that_is_told_beside_zeros_that_wait_is_counted(run: Run, stopped: MedusaSandbox) -> None:
    good(run, "stock", "set", "MUG-RED", "BER", "2")
    done = run("connection", "push", "live")
    assert (done.code, done.out) == (1, "messages: 0, listings: 1\n")
    assert done.err.startswith("stockline: live: 2 of 3 listings with stock wait with 0 (")


def test_the_doctor_and_the_list_say_which_zeros_wait(run: Run, stopped: MedusaSandbox) -> None:
    assert wrong(run) == {"zeros of live": (WHY, MEND)}
    assert "active; waiting with 0: 3" in good(run, "connection", "list")
    (row,) = json.loads(good(run, "connection", "--json"))
    assert (row["state"], row["stopped"], row["waiting_zeros"]) == ("active", [], 3)


def test_zeros_that_are_meant_are_told_and_the_breaker_is_armed_again(run: Run, stopped: MedusaSandbox) -> None:
    assert good(run, "connection", "allow-zeros", "live") == (
        f"3 listings that waited with 0 are told with the next push: {', '.join(sorted(SKUS))}.\n"
        "The breaker of live is OFF: any further zeros are told too. Let it watch again afterwards: "
        "stockline connection allow-zeros live --watch\n"
    )
    assert good(run, "connection", "push", "live") == "messages: 0, listings: 3\n"
    assert wrong(run) == {
        "breaker of live": (
            "switched off: stock that sets most listings to 0 is not stopped",
            "once the zeros are told: stockline connection allow-zeros live --watch",
        )
    }
    assert good(run, "connection", "allow-zeros", "live", "--watch") == "The breaker of live watches again.\n"
    assert wrong(run) == {}
    count(run, 5)
    assert good(run, "connection", "push", "live") == "messages: 0, listings: 3\n"
    count(run, 0)
    assert run("connection", "push", "live").code == 1


def test_a_resume_says_that_the_zeros_still_wait(run: Run, stopped: MedusaSandbox) -> None:
    first, second = good(run, "connection", "resume", "live").splitlines()
    assert first == "live goes on."
    assert second == (
        f"3 listings waited with 0 ({', '.join(sorted(SKUS))}): if these are still too many, they wait on, else they "
        f"are told; {MEND}"
    )
    assert wrong(run) == {}
    assert run("connection", "push", "live").code == 1
    assert "zeros of live" in wrong(run)


def test_what_was_mended_goes_out_by_itself(run: Run, stopped: MedusaSandbox) -> None:
    count(run, 4)
    assert wrong(run) == {}
    assert good(run, "connection", "push", "live") == "messages: 0, listings: 3\n"
    assert good(run, "connection", "resume", "live") == "live goes on.\n"
    assert wrong(run) == {}


def test_a_stream_that_was_stopped_by_hand_is_told_and_goes_on_with_a_resume(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        pause_stream(hub.context(), 1, "listings", True, "user:1")
    assert wrong(run) == {"listings of live": ("stopped by hand", "stockline connection resume live")}
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        db.execute(streams.update().where(streams.c.stream == "listings").values(error="no answer", failures=4))
    assert wrong(run)["listings of live"][0] == "stopped; its last error: no answer"
    said = good(run, "connection", "resume", "live").splitlines()
    assert said == ["live goes on.", "listings was stopped; its last error: no answer. It goes on."]
    assert wrong(run) == {}


def test_push_and_pull_say_what_stands_still_and_what_sets_it_going(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    resume = "stockline connection resume live"
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        for stream in ("outbox", "orders"):
            pause_stream(hub.context(), 1, stream, True, "user:1")
    count(run, 4)
    pushed, pulled = run("connection", "push", "live"), run("connection", "pull", "live")
    assert (pushed.code, pushed.out) == (1, "messages: 0, listings: 3\n")
    assert pushed.err == f"stockline: outbox of live is stopped by hand; {resume}\n"
    assert (pulled.code, pulled.out) == (1, "listings: 3, received: 0, read: 0, placed: 0, held: 0\n")
    assert pulled.err == f"stockline: orders of live is stopped by hand; {resume}\n"
    good(run, "connection", "pause", "live", "--why", "stocktake")
    mend = f"mend the reason, then: stockline connection check live; {resume}"
    for command in (("push", "live"), ("pull", "live"), ("push", "live", "--sku", "MUG-RED")):
        done = run("connection", *command)
        assert (done.code, done.err) == (1, f"stockline: live is paused: stocktake; {mend}\n"), command


def test_where_nothing_waits_the_breaker_stays_armed_unless_it_is_switched_off_on_purpose(
    run: Run, shop: MedusaSandbox
) -> None:
    done = run("connection", "allow-zeros", "live")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "stockline: nothing waits with 0 at live: there is nothing to let go. To switch its mass-zero breaker off on "
        "purpose: stockline connection allow-zeros live --off\n"
    )
    assert wrong(run) == {}
    count(run, 0)
    assert run("connection", "push", "live").code == 1  # the breaker kept them back: it still watched
    assert run("connection", "allow-zeros", "live", "--off", "--watch").code == 2
    count(run, 5)
    good(run, "connection", "push", "live")
    first, second = good(run, "connection", "allow-zeros", "live", "--off").splitlines()
    assert first == "Nothing waited with 0." and second.startswith("The breaker of live is OFF: ")
    assert list(wrong(run)) == ["breaker of live"]


def test_a_connection_that_is_not_there_allows_nothing(run: Run, shop: MedusaSandbox) -> None:
    done = run("connection", "allow-zeros", "nope")
    assert (done.code, done.out) == (2, "") and "no connection named 'nope'" in done.err
