"""Webhooks are registered by the clock below the hub's public address, and looked after; nothing else stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.canonical.errors import Misconfigured, NotAllowed
from hub.ports.channel import Finding
from hub.store import tables as t
from hub.usecases.check_webhooks import check_webhooks
from hub.usecases.connect import check_connection, pause_connection
from hub.usecases.context import Context
from hub.usecases.streams import Busy
from tests.fakes.channel import FakeChannel
from tests.fakes.world import World

OURS, OTHER = "https://hub.example/webhooks/calling", "https://hub.example/other"
LOST = Finding("webhook order", False, "the shop did not take it: https only")


class Calling(FakeChannel):
    """A shop that registers what it is asked for; `lacks` is what it finds beside."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []
        self.lacks: tuple[Finding, ...] = ()

    def check(self, callback_url: str | None = None) -> tuple[Finding, ...]:
        self._called("check")
        new = callback_url not in self.asked
        self.asked.append(callback_url)
        return (Finding("webhook order", True, repaired=new), *self.lacks)


@pytest.fixture
def shop(world: World) -> Calling:
    calling = Calling()
    world.connect("calling", shop=calling)
    return calling


def _row(world: World, table: Any = t.connections) -> Any:
    mine = t.connections.c.name == "calling"
    (connection,) = world.rows(t.connections, mine)
    if table is t.connections:
        return connection
    (row,) = world.rows(t.streams, t.streams.c.connection_id == connection.id, t.streams.c.stream == "webhook_check")
    return row


def _public(world: World, url: str = "https://hub.example") -> Context:
    return replace(world.ctx, public_url=url)


def _kept(world: World) -> str:
    return str(_row(world).settings.get("callback_url", ""))


def test_nobody_has_to_check_once_before_webhooks_are_registered(world: World, shop: Calling) -> None:
    key = _row(world).id
    assert check_webhooks(_public(world), key) == 1
    assert (shop.asked, _kept(world)) == ([OURS], OURS)
    assert check_webhooks(_public(world), key) == 0
    (told,) = world.rows(t.audit_log, t.audit_log.c.action == "webhooks.repaired")
    assert (told.subject, told.data) == (f"connection:{key}", {"what": ["webhook order"]})


def test_without_a_public_address_the_channel_is_not_asked(world: World, shop: Calling) -> None:
    assert check_webhooks(world.ctx, _row(world).id) == 0
    assert (shop.asked, _kept(world)) == ([], "")


def test_they_stay_where_a_person_sent_them(world: World, shop: Calling) -> None:
    check_connection(world.ctx, _row(world).id, OTHER)
    check_webhooks(_public(world), _row(world).id)
    assert (shop.asked, _kept(world)) == ([OTHER, OTHER], OTHER)


def test_an_address_that_a_person_gives_meanwhile_stays(world: World, shop: Calling) -> None:
    key = _row(world).id
    shop.meanwhile["check"] = lambda: check_connection(world.ctx, key, OTHER)
    check_webhooks(_public(world), key)
    assert _kept(world) == OTHER


def test_a_shop_that_does_not_take_them_goes_on_by_the_clock_and_is_asked_again(world: World, shop: Calling) -> None:
    key, shop.lacks = _row(world).id, (LOST,)
    with pytest.raises(NotAllowed, match=r"^webhook order: the shop did not take it: https only$"):
        check_webhooks(_public(world), key)
    stream = _row(world, t.streams)
    assert (_row(world).state, _kept(world), stream.failures, stream.error) == (
        "active", "", 0, "webhook order: the shop did not take it: https only",
    )  # fmt: skip
    assert (stream.due_at - world.clock()).total_seconds() == 300
    shop.lacks = ()
    check_webhooks(_public(world), key)
    assert (_kept(world), _row(world, t.streams).error) == (OURS, "")


def test_a_shop_that_cannot_be_checked_for_a_first_address_is_not_paused(world: World, shop: Calling) -> None:
    key = _row(world).id
    shop.fail["check"].append(Misconfigured("there is no webhook secret"))
    with pytest.raises(NotAllowed, match=r"^there is no webhook secret$"):
        check_webhooks(_public(world), key)
    assert _row(world).state == "active"


def test_webhooks_that_went_and_go_no_more_pause_the_connection(world: World, shop: Calling) -> None:
    key = _row(world).id
    check_webhooks(_public(world), key)
    shop.lacks = (LOST,)
    with pytest.raises(Misconfigured, match=r"^webhook order: the shop did not take it: https only$"):
        check_webhooks(_public(world), key)
    assert _row(world).state == "auth_failed"


def test_what_a_connection_does_without_does_not_pause_it(world: World, shop: Calling) -> None:
    key, shop.lacks = _row(world).id, (Finding("access to refunds", False, "lost: refunds", needed=False),)
    for _ in range(2):
        check_webhooks(_public(world), key)
    assert (_row(world).state, _kept(world)) == ("active", OURS)


def test_a_connection_that_is_paused_is_not_touched(world: World, shop: Calling) -> None:
    key = _row(world).id
    pause_connection(world.ctx, key, "user:1")
    with pytest.raises(Busy, match=r"^calling is paused: resume it first$"):
        check_webhooks(_public(world), key)
    assert (shop.asked, _kept(world)) == ([], "")
