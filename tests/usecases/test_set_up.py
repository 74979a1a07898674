"""Connections are changed and unreadable files are put aside, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from hub.canonical.errors import BadInput, BadRecord, Conflict, InvariantBroken, NotFound
from hub.ports.channel import Can, ConnectorSpec, Field, Page, RawRecord
from hub.store import tables as t
from hub.usecases.change_connection import change_connection
from hub.usecases.connect import add_connection
from hub.usecases.fix_holds import dismiss_hold
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.mass_zero import allow_mass_zero
from hub.usecases.pull_orders import store_page
from tests.fakes.channel import payload
from tests.fakes.world import World

SPEC = ConnectorSpec(
    "plain", "Plain", frozenset(),
    (Field("url", "Address"), Field("zone", "Zone", "", False, "UTC"),
     Field("mail", "Mail", required=False, choices=("no", "yes"))),
    (Field("key", "Key"), Field("old_key", "Old key", "", False)),
)  # fmt: skip


def _seal(text: str, bound_to: str) -> str:
    return f"{bound_to}={text[::-1]}"


def _plain(world: World) -> int:
    secrets = {"key": "abc", "old_key": ""}
    key = add_connection(world.ctx, _seal, SPEC, "plain-1", {"url": "http://a"}, secrets, actor="eve")
    allow_mass_zero(world.ctx, key, True, "eve")
    return key


def test_what_only_the_hub_writes_cannot_be_given_to_a_new_connection(world: World) -> None:
    before = world.rows(t.connections)
    given = {"url": "http://a", "allow_mass_zero": "yes", "callback_url": "http://evil.example", "nope": ""}
    with pytest.raises(BadInput) as refused:
        add_connection(world.ctx, _seal, SPEC, "x", given, {"key": "abc"}, actor="eve")
    assert refused.value.fields == {
        "settings.allow_mass_zero": "kept", "settings.callback_url": "kept", "settings.nope": "unknown"
    }  # fmt: skip
    assert world.rows(t.connections) == before


def test_blanks_around_values_are_taken_away_once_for_all_who_ask(world: World) -> None:
    settings, secrets = {"url": " http://a\n", "zone": " ", "mail": " yes"}, {"key": " abc\n", "old_key": " "}
    key = add_connection(world.ctx, _seal, SPEC, "plain-1", settings, secrets, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert row.settings == {"url": "http://a", "zone": "UTC", "mail": "yes"}
    assert row.secrets == {"key": f"connection:{key}:key=cba"}
    change_connection(world.ctx, _seal, SPEC, key, {"zone": " Asia/Tokyo "}, {"old_key": " xyz "}, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert (row.settings["zone"], row.secrets["old_key"]) == ("Asia/Tokyo", f"connection:{key}:old_key=zyx")
    change_connection(world.ctx, _seal, SPEC, key, {}, {"old_key": " "}, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert list(row.secrets) == ["key"]


def test_a_change_puts_what_is_given_over_what_is_stored(world: World) -> None:
    key = _plain(world)
    change_connection(world.ctx, _seal, SPEC, key, {"url": "http://b", "zone": ""}, {"old_key": "xyz"}, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert row.settings == {"url": "http://b", "zone": "UTC", "allow_mass_zero": "yes"}
    assert row.secrets == {"key": f"connection:{key}:key=cba", "old_key": f"connection:{key}:old_key=zyx"}
    change_connection(world.ctx, _seal, SPEC, key, {}, {}, actor="eve", drop=("old_key",), on_shortage="refuse")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert (sorted(row.secrets), row.on_shortage) == (["key"], "refuse")


@pytest.mark.parametrize(
    ("settings", "secrets", "drop", "fields"),
    [
        ({"url": ""}, {}, (), {"settings.url": "missing"}),
        ({"nope": "1"}, {}, (), {"settings.nope": "unknown"}),
        ({}, {"nope": "1"}, (), {"secrets.nope": "unknown"}),
        ({}, {}, ("key",), {"secrets.key": "missing"}),
        ({"mail": "maybe"}, {}, (), {"settings.mail": "choice"}),
        (
            {"calls_per_day": "0", "quota_zone": "Mars", "lag_permille": "1000", "soft_minutes": "30", "mail": "maybe"},
            {},
            (),
            {
                "settings.calls_per_day": "calls_per_day = '0': use a whole number from 1 to 1000000000, such as 5000",
                "settings.quota_zone": "quota_zone = 'Mars': use the name of a time zone, such as Asia/Shanghai",
                "settings.lag_permille": "lag_permille = '1000': use a whole number from 0 to 999",
                "settings.soft_minutes": "soft_minutes = '30': write unpaid=MINUTES or authorized=MINUTES, "
                'from 0 to 43200, such as "unpaid=30, authorized=1440"',
                "settings.mail": "choice",
            },
        ),
        (
            {"allow_mass_zero": "yes", "callback_url": "x"},
            {},
            (),
            {"settings.allow_mass_zero": "kept", "settings.callback_url": "kept"},
        ),
        ({"nope": ""}, {"key": " "}, (), {"settings.nope": "unknown", "secrets.key": "missing"}),
        ({"url": "a\nb", "zone": "x" * 4001}, {}, (), {"settings.url": "signs", "settings.zone": "long"}),
    ],
)
def test_a_change_that_cannot_be_names_its_fields_and_changes_nothing(
    world: World, settings: dict[str, str], secrets: dict[str, str], drop: tuple[str, ...], fields: dict[str, str]
) -> None:
    key = _plain(world)
    before = world.rows(t.connections)
    with pytest.raises(BadInput) as refused:
        change_connection(world.ctx, _seal, SPEC, key, settings, secrets, actor="eve", drop=drop)
    assert refused.value.fields == fields
    assert world.rows(t.connections) == before


def test_settings_that_every_connection_has_can_be_changed_and_taken_back(world: World) -> None:
    spec = replace(SPEC, soft_minutes="authorized=60")
    key = add_connection(world.ctx, _seal, spec, "plain-1", {"url": "http://a"}, {"key": "abc"}, actor="eve")
    given = {"calls_per_day": "5000", "quota_zone": "Asia/Shanghai", "lag_permille": "100", "soft_minutes": "unpaid=5"}
    change_connection(world.ctx, _seal, spec, key, given, {}, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert row.settings == {"url": "http://a", "zone": "UTC", **given}
    change_connection(world.ctx, _seal, spec, key, dict.fromkeys(given, ""), {}, actor="eve")
    (row,) = world.rows(t.connections, t.connections.c.id == key)
    assert row.settings == {"url": "http://a", "zone": "UTC", "soft_minutes": "authorized=60"}


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("x", {"url": "a", "mail": "maybe"}, "setting mail: use no or yes"),
        ("x", {"url": "a" * 4001, "zone": "a\0"}, "setting url is longer than 4000 characters; setting zone holds a "
         "character that is no text, such as a line break"),
        ("a b", {"callback_url": "x"}, "connection name 'a b': use letters, digits, '-', '_' and '.', at most 80 (it "
         "is part of its webhook address); setting callback_url is written by the hub itself only; setting url is "
         "missing"),
        ("x", {"url": "a", "nope": "1"}, "there is no setting nope; settings of plain: url, zone, mail, "
         "calls_per_day, lag_permille, quota_zone, soft_minutes; secrets: key, old_key"),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_said_in_sentences_and_what_there_is_only_of_an_unknown_name(
    world: World, name: str, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        add_connection(world.ctx, _seal, SPEC, name, settings, {"key": "abc"}, actor="eve")
    assert str(refused.value) == sentence


def test_a_change_of_nothing_known_or_with_another_passport_is_refused(world: World) -> None:
    with pytest.raises(NotFound, match="no connection 999999"):
        change_connection(world.ctx, _seal, SPEC, 999999, {}, {}, actor="eve")
    with pytest.raises(InvariantBroken, match="its passport was taken from plain"):
        change_connection(world.ctx, _seal, SPEC, world.shop_id, {}, {}, actor="eve")


def test_unreadable_files_of_one_cause_are_put_aside_together_and_orders_never(world: World) -> None:
    problem = BadRecord("IEA", "", "the interchange is cut off")
    files = tuple(RawRecord(f"f{n}", b"ISA%d" % n, problem=problem, kind="file") for n in range(2))
    order = RawRecord("o1", b"{}", problem=BadRecord("status", "odd", "no such word"))
    store_page(world.ctx, world.shop_id, Page((*files, order, world.shop.record(payload("o2", {"1": ("L", 1)}))), "c"))
    ingest_inbox(world.ctx)
    assert dismiss_hold(world.ctx, f"bad_record:{world.shop_id}:IEA:", "eve") == 2
    for mark in (f"bad_record:{world.shop_id}:status:odd", f"unknown_sku:{world.shop_id}:L:"):
        with pytest.raises(Conflict, match="an order waits"):
            dismiss_hold(world.ctx, mark, "eve")
    with world.ctx.db.read() as db:
        states = db.execute(select(t.inbox.c.ref, t.inbox.c.state).order_by(t.inbox.c.id)).all()
    assert [tuple(row) for row in states] == [("f0", "ignored"), ("f1", "ignored"), ("o1", "held"), ("o2", "done")]
    assert world.holds("dismissed") == [f"bad_record:{world.shop_id}:IEA:"] * 2


def test_streams_run_as_often_as_the_passport_says_else_at_the_hubs_pace(world: World) -> None:
    can = frozenset({Can.PULL_ORDERS, Can.PULL_LISTINGS})
    spec = ConnectorSpec("slow", "Slow", can, poll_s=300, every_s={"listings": 86_400})
    key = add_connection(world.ctx, _seal, spec, "slow", {}, {}, actor="eve")
    found = {row.stream: row.every_s for row in world.rows(t.streams, t.streams.c.connection_id == key)}
    assert found == {"orders": 300, "listings": 86_400, "reconcile_orders": 1800, "outbox": 300}


def test_the_passport_says_how_long_stock_is_kept_unless_the_merchant_does(world: World) -> None:
    spec = ConnectorSpec("slow", "Slow", frozenset(), soft_minutes="authorized=60")
    told = {"": "authorized=60", "unpaid=5": "unpaid=5"}
    for number, (given, kept) in enumerate(told.items()):
        settings = {"soft_minutes": given} if given else {}
        key = add_connection(world.ctx, _seal, spec, f"slow{number}", settings, {}, actor="eve")
        (row,) = world.rows(t.connections, t.connections.c.id == key)
        assert row.settings["soft_minutes"] == kept
