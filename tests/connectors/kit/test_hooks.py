"""Webhooks of a REST API stand registered as they must; without a secret none is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import responses

from connectors.kit.hooks.registering import Wanted
from connectors.kit.hooks.rest_hooks import NO_SECRET, rest_hooks, signed_name
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from hub.canonical.errors import AuthFailed
from hub.ports.channel import Finding

HOOKS = "https://shop.example/hooks"
SHOWN = {"topic": "order", "url": "https://hub.example/1"}


def settle(*rows: Row, secret: str = "s") -> list[Finding]:
    wanted = Wanted(Finding("webhook order", True), SHOWN, ({"topic": "order"},), hidden={"secret": secret})
    return list(rest_hooks(Api("https://shop.example"), "/hooks", rows, [wanted], secret, force={"force": "true"}))


def said() -> list[tuple[str | None, str | None, object]]:
    return [
        (call.request.method, call.request.url, json.loads(call.request.body) if call.request.body else None)
        for call in responses.calls
    ]


@responses.activate
def test_one_that_is_missing_is_made_with_the_secret() -> None:
    responses.post(HOOKS, json={"id": 1})
    assert settle() == [Finding("webhook order", True, repaired=True)]
    assert said() == [("POST", HOOKS, {**SHOWN, "secret": "s"})]


@responses.activate
def test_one_that_calls_elsewhere_is_mended_and_its_double_deleted_for_good() -> None:
    responses.put(f"{HOOKS}/7", json={})
    responses.delete(f"{HOOKS}/8", json={})
    assert settle({"id": 7, "topic": "order"}, {"id": 8, "topic": "order"})[0].repaired
    assert said() == [
        ("PUT", f"{HOOKS}/7", {**SHOWN, "secret": "s"}),
        ("DELETE", f"{HOOKS}/8?force=true", None),
    ]


@responses.activate
def test_what_the_shop_does_not_take_is_told_in_its_words() -> None:
    responses.post(HOOKS, status=400, json={"message": "no such topic"})
    (found,) = settle()
    assert (found.what, found.ok) == ("webhook order", False)
    assert found.mend.startswith("the shop did not take it: ")
    assert "no such topic" in found.mend


@responses.activate
def test_without_a_secret_nothing_is_asked_or_written() -> None:
    assert settle(secret="") == [NO_SECRET]
    assert said() == []


@pytest.mark.parametrize("secret", ["s", "t"])
def test_a_name_tells_the_secret_without_showing_it(secret: str) -> None:
    name = signed_name("order", secret)
    assert name.startswith("Stockline order ")
    assert len(name.rsplit(" ", 1)[1]) == 8
    assert (name == signed_name("order", "s")) is (secret == "s")


@responses.activate
def test_a_key_that_may_not_see_webhooks_is_a_finding_and_writes_nothing() -> None:
    def rows() -> Iterator[Row]:
        raise AuthFailed("no such right")
        yield {}

    wanted = Wanted(Finding("webhook order", True), SHOWN)
    found = list(rest_hooks(Api("https://shop.example"), "/hooks", rows(), [wanted], "s"))
    mend = "make the key for a user who may manage the shop (no such right)"
    assert found == [Finding("webhooks", False, mend)]
    assert said() == []
