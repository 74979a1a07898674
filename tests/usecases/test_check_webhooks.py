"""Webhooks are registered by the clock below the hub's public address, and looked after; no loss stops anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.canonical.errors import AuthFailed, Misconfigured, NotAllowed
from hub.ports.channel import Finding
from hub.store import tables as t
from hub.usecases.change_connection import change_connection
from hub.usecases.check_webhooks import REFUSED, check_webhooks
from hub.usecases.connect import check_connection, pause_connection, resume_connection
from hub.usecases.context import Context
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import SPEC, FakeChannel
from tests.fakes.world import World

OURS, OTHER = "https://hub.example/webhooks/calling", "https://hub.example/other"
MOVED = "https://new.example/webhooks/calling"
LOST = Finding("webhook order", False, "the shop did not take it: https only")
LOST_WORDS = "webhook order: the shop did not take it: https only"
SAID = f"^{LOST_WORDS}$"


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


def _refused(world: World, shop: Calling) -> int:
    """The shop refused, and a minute went by; returns the id of its connection."""
    key, shop.lacks = int(_row(world).id), (LOST,)
    with pytest.raises(NotAllowed, match=SAID):
        check_webhooks(_public(world), key)
    world.clock.move(seconds=60)
    assert ("webhooks.check", key) not in due_work(world.ctx)
    return key


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
    with pytest.raises(NotAllowed, match=SAID):
        check_webhooks(_public(world), key)
    stream = _row(world, t.streams)
    assert (_row(world).state, _kept(world), stream.failures, stream.error, stream.leased_until) == (
        "active", "", 0, LOST_WORDS, None,
    )  # fmt: skip
    assert stream.due_at - world.clock() == REFUSED == timedelta(hours=6)
    shop.lacks = ()
    check_webhooks(_public(world), key)
    assert (_kept(world), _row(world, t.streams).error) == (OURS, "")


def test_a_changed_setting_has_a_shop_that_refused_asked_at_once(world: World, shop: Calling) -> None:
    key = _refused(world, shop)
    change_connection(world.ctx, lambda text, _: text, SPEC, key, {"lag_permille": "5"}, {}, actor="user:1")
    assert (_row(world, t.streams).due_at, _row(world, t.streams).error) == (world.clock(), "")
    assert ("webhooks.check", key) in due_work(world.ctx)


def test_a_check_by_a_person_that_went_well_takes_the_refusal_away(world: World, shop: Calling) -> None:
    key = _refused(world, shop)
    check_connection(world.ctx, key, OURS)
    assert _row(world, t.streams).error == LOST_WORDS
    shop.lacks = ()
    check_connection(world.ctx, key, OURS)
    assert (_row(world, t.streams).due_at, _row(world, t.streams).error) == (world.clock(), "")


def test_what_a_person_asks_while_a_shop_refuses_is_not_put_off(world: World, shop: Calling) -> None:
    key, shop.lacks = _row(world).id, (LOST,)
    world.clock.move(seconds=60)
    shop.meanwhile["check"] = lambda: resume_connection(world.ctx, key, "user:1")
    with pytest.raises(NotAllowed, match=SAID):
        check_webhooks(_public(world), key)
    assert (_row(world, t.streams).due_at, _row(world, t.streams).error) == (world.clock(), LOST_WORDS)


def test_a_shop_that_cannot_be_checked_for_a_first_address_is_not_paused(world: World, shop: Calling) -> None:
    key = _row(world).id
    shop.fail["check"].append(Misconfigured("there is no webhook secret"))
    with pytest.raises(NotAllowed, match=r"^there is no webhook secret$"):
        check_webhooks(_public(world), key)
    assert _row(world).state == "active"


def test_webhooks_that_went_and_go_no_more_stop_neither_orders_nor_stock(world: World, shop: Calling) -> None:
    key = _row(world).id
    check_webhooks(_public(world), key)
    shop.lacks = (LOST,)
    with pytest.raises(NotAllowed, match=SAID):
        check_webhooks(_public(world), key)
    stream = _row(world, t.streams)
    assert (_row(world).state, _kept(world), stream.error) == ("active", OURS, LOST_WORDS)
    assert ("orders.pull", key) in due_work(world.ctx)
    shop.lacks = ()
    check_webhooks(_public(world), key)
    assert _row(world, t.streams).error == ""


def test_refused_credentials_pause_it(world: World, shop: Calling) -> None:
    key = _row(world).id
    shop.fail["check"].append(AuthFailed("the token was refused"))
    with pytest.raises(AuthFailed, match=r"^the token was refused$"):
        check_webhooks(_public(world), key)
    assert (_row(world).state, _row(world).state_reason) == ("auth_failed", "the token was refused")


@pytest.mark.parametrize("checked", [False, True])
def test_they_move_with_the_public_address_whoever_registered_them_there(
    world: World, shop: Calling, checked: bool
) -> None:
    key, first, second = _row(world).id, _public(world), _public(world, "https://new.example")
    if checked:
        check_connection(first, key, first.callback_url("calling"))
    else:
        check_webhooks(first, key)
    assert check_webhooks(second, key) == 1
    assert (shop.asked[-1], _kept(world)) == (MOVED, MOVED)
    assert check_webhooks(world.ctx, key) == 0  # nobody says where it is any more
    assert (shop.asked[-1], _kept(world)) == (MOVED, MOVED)


def test_an_address_that_was_kept_before_and_is_the_public_one_moves_with_it(world: World, shop: Calling) -> None:
    key = _row(world).id
    check_connection(world.ctx, key, OURS)
    check_webhooks(_public(world), key)
    check_webhooks(_public(world, "https://new.example"), key)
    assert _kept(world) == MOVED


def test_a_new_public_address_that_the_shop_does_not_take_leaves_the_old_one_kept(world: World, shop: Calling) -> None:
    key = _row(world).id
    check_webhooks(_public(world), key)
    shop.lacks = (LOST,)
    with pytest.raises(NotAllowed, match=SAID):
        check_webhooks(_public(world, "https://new.example"), key)
    assert _kept(world) == OURS


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000"])
def test_no_shop_is_given_an_address_of_this_machine_but_one_on_this_machine(
    world: World, shop: Calling, url: str
) -> None:
    key = _row(world).id
    assert check_webhooks(_public(world, url), key) == 0
    assert (shop.asked, _kept(world)) == ([], "")
    with world.db.write() as db:
        here = {"shop_url": "http://127.0.0.1:9000"}
        db.execute(t.connections.update().where(t.connections.c.id == key).values(settings=here))
    assert check_webhooks(_public(world, url), key) == 1
    assert (shop.asked, _kept(world)) == ([f"{url}/webhooks/calling"], f"{url}/webhooks/calling")
    check_webhooks(_public(world), key)
    assert _kept(world) == OURS


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
