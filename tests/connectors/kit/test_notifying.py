"""A platform sends to a destination of ours what we subscribe to: both stand once, as they must; doubles go last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher

from connectors.kit.hooks.notifying import RestList, delivered
from connectors.kit.hooks.registering import Wanted
from connectors.kit.values import Row, inside
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import TokenPaging
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Finding

URL, PLACES = "https://hub.example/webhooks/t", "https://api.example/places"
FINE, MENDED = Finding("address", True), Finding("address", True, repaired=True)
WANTED = Wanted(FINE, {"status": "ON", "url": URL}, ({"url": URL},), hidden={"name": "Stockline"})
TOLD = Finding("topic", True)


def ours() -> RestList:
    paging = TokenPaging("token", "next")
    said = lambda data: str(inside(data, "why") or "")  # noqa: E731
    return RestList(Api("https://api.example"), "/places", "places", "ref", paging, {"limit": "2"}, "no: {error}", said)


@pytest.fixture
def platform() -> Iterator[Any]:
    with responses.RequestsMock() as mocked:
        yield mocked


def settle() -> tuple[list[Finding], list[str]]:
    """(the findings, the destinations that were subscribed to)."""
    used = list[str]()

    def subscribe(ref: str) -> list[Finding]:
        used.append(ref)
        return [TOLD]

    return list(delivered(ours(), WANTED, subscribe)), used


def wrote(mocked: Any) -> list[tuple[str, str, Any]]:
    sent = (call.request for call in mocked.calls if call.request.method != "GET")
    return [(one.method, one.path_url, json.loads(one.body) if one.body else None) for one in sent]


def test_a_destination_that_is_missing_is_made_and_known_by_its_address(platform: Any) -> None:
    platform.get(PLACES, json={"places": [{"ref": 1, "url": "https://other.example", "status": "ON"}]})
    platform.post(PLACES, status=201, headers={"Location": f"{PLACES}/77/"})
    assert settle() == ([MENDED, TOLD], ["77"])
    assert wrote(platform) == [("POST", "/places", {"status": "ON", "url": URL, "name": "Stockline"})]


def test_a_destination_on_a_later_page_is_found_and_left_alone(platform: Any) -> None:
    following = f"{PLACES}?limit=2&token=a%2Fb"
    first, second = ([query_param_matcher({"limit": "2", **more})] for more in ({}, {"token": "a/b"}))
    platform.get(PLACES, match=first, json={"places": [], "next": following})
    row = {"ref": 8, "url": URL, "status": "ON"}
    platform.get(PLACES, match=second, json={"places": [row], "next": ""})
    assert settle() == ([FINE, TOLD], ["8"])
    assert wrote(platform) == []


def test_doubles_go_once_nothing_needs_them_and_one_in_use_stays(platform: Any) -> None:
    rows = [{"ref": ref, "url": URL, "status": "ON"} for ref in (1, 2, 3)]
    platform.get(PLACES, json={"places": rows})
    platform.delete(f"{PLACES}/2", status=409)
    platform.delete(f"{PLACES}/3", status=409)
    assert settle() == ([FINE, TOLD], ["1"])
    platform.replace("DELETE", f"{PLACES}/3", status=204)
    assert settle() == ([MENDED, TOLD], ["1"])
    assert [(method, path) for method, path, _ in wrote(platform)] == [
        ("DELETE", "/places/2"), ("DELETE", "/places/3"),
    ] * 2  # fmt: skip


@pytest.mark.parametrize(("body", "said"), [({"why": "it is not public"}, "it is not public"), ({}, "403")])
def test_what_the_platform_says_against_it_is_told_and_nothing_is_subscribed(
    body: Row, said: str, platform: Any
) -> None:
    platform.get(PLACES, json={"places": [{"ref": 1, "url": URL, "status": "OFF"}]})
    platform.put(f"{PLACES}/1", status=403, json=body)
    assert settle() == ([Finding("address", False, f"no: {said}")], [])


def test_an_outage_is_no_refusal(platform: Any) -> None:
    platform.get(PLACES, json={"places": [{"ref": 1, "url": URL, "status": "OFF"}]})
    platform.put(f"{PLACES}/1", status=500, json={})
    with pytest.raises(ChannelDown):
        settle()


def test_what_the_platform_does_not_show_may_be_added_before_it_is_judged(platform: Any) -> None:
    platform.get(PLACES, json={"places": [{"ref": 1, "url": URL}]})
    added = delivered(ours(), WANTED, lambda ref: [], lambda row: {**row, "status": "ON"})
    assert list(added) == [FINE]
