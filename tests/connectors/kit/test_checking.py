"""A check ends where the rest cannot be looked at, and asks nothing after that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from connectors.kit.checking import Step, StepCheckup, door, judged
from connectors.kit.wire.http import Api
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Finding

GOOD, BAD, SOFT = Finding("a", True), Finding("b", False, "mend it"), Finding("soft", False)
ADDRESS, KEY = Finding("API", False, "check shop_url"), Finding("key", False, "make a new one")


class Check(StepCheckup):
    soft = ("soft",)

    def __init__(self, *steps: Step) -> None:
        self.given, self.asked = steps, 0

    def steps(self, callback_url: str | None) -> Iterator[Step]:
        for step in self.given:
            self.asked += 1
            yield step


@pytest.mark.parametrize(
    ("_case", "steps", "found", "asked"),
    [
        ("all fine", (GOOD, GOOD), (GOOD, GOOD), 2),
        ("a fault ends it", (GOOD, BAD, GOOD), (GOOD, BAD), 2),
        ("a soft one does not", (SOFT, GOOD), (SOFT, GOOD), 2),
        ("a group is told whole, and ends it", ((BAD, GOOD), GOOD), (BAD, GOOD), 1),
        ("a group without a fault does not", ((SOFT, GOOD), (), GOOD), (SOFT, GOOD, GOOD), 3),
    ],
)
def test_what_blocks_the_rest_comes_last(
    _case: str, steps: tuple[Step, ...], found: tuple[Finding, ...], asked: int
) -> None:
    check = Check(*steps)
    assert (check.run(None), check.asked) == (found, asked)


def test_a_finding_says_what_to_mend_only_where_it_is_not_fine() -> None:
    assert (judged("a", True, "mend it"), judged("b", False, "mend it")) == (GOOD, BAD)


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (200, [Finding("API", True), Finding("key", True)]),
        (401, [Finding("API", True), KEY]),
        (403, [Finding("API", True), KEY]),
        (404, [ADDRESS]),
    ],
)
@responses.activate
def test_the_address_comes_before_the_key(status: int, found: list[Finding]) -> None:
    responses.get("https://shop.example/orders", status=status, json={})
    assert list(door(Api("https://shop.example"), "/orders", ADDRESS, KEY, query={"limit": "1"})) == found
    assert responses.calls[0].request.params == {"limit": "1"}


@responses.activate
def test_a_refusal_that_is_not_of_the_key_leaves_it_good() -> None:
    responses.get("https://shop.example/orders", status=403, json={"resource": "orders"})
    api = Api("https://shop.example")
    found = door(api, "/orders", ADDRESS, KEY, refuses=lambda answer: "resource" not in answer.data)
    assert [one.ok for one in found] == [True, True]


@responses.activate
def test_a_shop_that_is_down_says_nothing_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.kit.wire.http.TRIES", 1)
    responses.get("https://shop.example/orders", status=503)
    with pytest.raises(ChannelDown):
        list(door(Api("https://shop.example"), "/orders", ADDRESS, KEY))
