"""What commands say of stopped streams, and how the zeros that the mass-zero breaker stopped are allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.kit.contract.base import ITEMS
from connectors.medusa.sandbox import MedusaSandbox
from hub.settings import load
from hub.store.tables import streams
from hub.usecases.connect import pause_stream
from hub.wiring import Hub
from tests.cli.conftest import Run, connected

SKUS = [item.sku for item in ITEMS]
WHY = "3 of 3 listings with stock would show 0 (mass-zero breaker)"
MEND = (
    "are the zeros meant: stockline connection allow-zeros live; else mend the stock, then: "
    "stockline connection resume live"
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
    """The breaker stopped its stock: all three were counted as 0."""
    count(run, 0)
    run("connection", "push", "live")
    return shop


def test_the_push_that_the_breaker_stops_says_so_and_what_to_do(run: Run, shop: MedusaSandbox) -> None:
    count(run, 0)
    for _ in range(2):  # the push that is stopped, and those after it
        done = run("connection", "push", "live")
        assert (done.code, done.out) == (1, "messages: 0, listings: 0\n")
        assert done.err == f"stockline: stock of live is stopped: {WHY}; {MEND}\n"
    one = run("connection", "push", "live", "--sku", "MUG-RED", "--json")
    (said,) = json.loads(one.out)
    assert (one.code, said["state"], said["why"]) == (1, "waits", f"live is stopped in this: {WHY}")
    assert MEND in one.err


def test_the_doctor_and_the_list_say_what_is_stopped(run: Run, stopped: MedusaSandbox) -> None:
    zeros = f"3 listings wait with 0 now ({', '.join(sorted(SKUS))})"
    assert wrong(run) == {"stock of live": (f"stopped: {WHY}; {zeros}", MEND)}
    assert "active; stopped: stock" in good(run, "connection", "list")
    (row,) = json.loads(good(run, "connection", "--json"))
    assert (row["state"], row["stopped"]) == ("active", ["stock"])


def test_zeros_that_are_meant_are_told_and_the_breaker_is_armed_again(run: Run, stopped: MedusaSandbox) -> None:
    said = good(run, "connection", "allow-zeros", "live")
    assert "are told with the next push" in said and "stockline connection allow-zeros live --watch" in said
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
        f"stock was stopped: {WHY}. 3 listings wait with 0 now ({', '.join(sorted(SKUS))}): "
        f"if these are still too many, it stays stopped, else they are told; {MEND}"
    )
    assert run("connection", "push", "live").code == 1


def test_what_was_mended_goes_on_with_a_resume(run: Run, stopped: MedusaSandbox) -> None:
    count(run, 4)
    assert "no listing waits with 0 now" in wrong(run)["stock of live"][0]
    said = good(run, "connection", "resume", "live").splitlines()
    assert said == ["live goes on.", f"stock was stopped: {WHY}. It goes on."]
    assert good(run, "connection", "push", "live") == "messages: 0, listings: 3\n"
    assert wrong(run) == {}


def test_a_stream_that_was_stopped_by_hand_is_told_and_goes_on_with_a_resume(
    run: Run, shop: MedusaSandbox, tmp_path: Path
) -> None:
    with Hub(load(data_dir=tmp_path / "data")) as hub:
        pause_stream(hub.context(), 1, "listings", True, "user:1")
    assert wrong(run) == {"listings of live": ("stopped by hand", "stockline connection resume live")}
    with Hub(load(data_dir=tmp_path / "data")) as hub, hub.db.write() as db:
        db.execute(streams.update().where(streams.c.stream == "listings").values(error="no answer", failures=4))
    assert wrong(run)["listings of live"][0] == "stopped by hand; its last error: no answer"
    said = good(run, "connection", "resume", "live").splitlines()
    assert said == ["live goes on.", "listings was stopped by hand; its last error: no answer. It goes on."]
    assert wrong(run) == {}


def test_a_connection_that_is_not_there_allows_nothing(run: Run, shop: MedusaSandbox) -> None:
    done = run("connection", "allow-zeros", "nope")
    assert (done.code, done.out) == (2, "") and "no connection named 'nope'" in done.err
