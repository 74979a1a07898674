"""What a key may do is tried, not believed: a refusal is told with what to grant."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from connectors.kit.trials import DENIED, Trial, permission, tried
from connectors.kit.wire.http import Api
from hub.canonical.errors import ChannelDown, NotFound
from hub.ports.channel import Finding

SHIP = Trial(Finding("permission to ship", False, "Ship"), "POST", "/ship/0", {"items": []})


def ask() -> list[Finding]:
    return list(tried(Api("https://shop.example"), [SHIP], lambda one, answer: f"grant {one.refused.mend}"))


@responses.activate
@pytest.mark.parametrize(
    ("status", "finding"),
    [
        (200, Finding("permission to ship", True)),
        (400, Finding("permission to ship", True)),
        (404, Finding("permission to ship", True)),
        (401, Finding("permission to ship", False, "grant Ship")),
        (403, Finding("permission to ship", False, "grant Ship")),
    ],
)
def test_only_a_refusal_means_that_it_is_missing(status: int, finding: Finding) -> None:
    responses.post("https://shop.example/ship/0", status=status, json={"message": "no"})
    assert ask() == [finding]


@responses.activate
def test_a_channel_that_is_down_says_nothing_of_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.kit.wire.http.TRIES", 1)
    responses.post("https://shop.example/ship/0", status=503)
    with pytest.raises(ChannelDown):
        ask()


@responses.activate
def test_a_trial_may_name_itself_what_to_grant_and_which_answers_tell() -> None:
    def only() -> list[Finding]:
        return list(tried(Api("https://shop.example"), [SHIP], told=DENIED))

    responses.post("https://shop.example/ship/0", status=403)
    assert only() == [SHIP.refused]
    responses.replace("POST", "https://shop.example/ship/0", status=404)
    with pytest.raises(NotFound):
        only()


def test_a_permission_is_a_trial_that_says_what_to_grant() -> None:
    assert permission("permission to ship", "Ship", "POST", "/ship/0", {"items": []}) == SHIP
    assert permission("to read", "View", "GET", "/orders", query={"limit": "1"}).query == {"limit": "1"}


@pytest.mark.parametrize(("status", "there"), [(200, True), (201, False), (400, False), (403, False), (404, False)])
@responses.activate
def test_a_trial_may_say_which_answers_alone_mean_that_it_is_there(status: int, there: bool) -> None:
    responses.post("https://shop.example/ship/0", status=status, json={"message": "no"})
    (finding,) = tried(Api("https://shop.example"), [replace(SHIP, fine={200})])
    assert finding == (Finding("permission to ship", True) if there else SHIP.refused)
