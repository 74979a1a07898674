"""Stock that is fetched: versions, late and doubled acknowledgments, and numbers that change in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.canonical.errors import BadInput, Conflict, NotAllowed, NotFound
from hub.ports.channel import Can
from hub.store import tables as t
from hub.usecases.feed_stock import Acknowledged, Change, acknowledge, connection_named, stock_changes
from hub.usecases.unlink_listing import unlink_listing
from tests.fakes.channel import SPEC
from tests.fakes.world import World


def changes(world: World) -> dict[str, Change]:
    return {change.listing_ref: change for change in stock_changes(world.ctx, world.shop_id)[0]}


def take(world: World, *found: Change) -> Acknowledged:
    return acknowledge(world.ctx, world.shop_id, [(change.id, change.version) for change in found])


def test_what_changed_is_given_until_it_is_acknowledged(world: World) -> None:
    world.know_empty()
    world.stock("A", "W1", 7)
    take(world, *(change for ref, change in changes(world).items() if ref != "L-A"))
    for _ in range(2):
        (change,) = changes(world).values()
        assert (change.listing_ref, change.sku, change.available, change.as_of) == ("L-A", "A", 7, world.clock.now)
    for _ in range(2):
        assert take(world, change) == Acknowledged(1, (), ())
        assert changes(world) == {}
    world.stock("A", "W1", -2)
    assert {ref: found.available for ref, found in changes(world).items()} == {"L-A": 5, "L-KIT": 0}
    assert changes(world)["L-A"].version > change.version


def test_an_acknowledgment_clears_only_the_version_that_it_names(world: World) -> None:
    world.stock("A", "W1", 7)
    old = changes(world)["L-A"]
    world.stock("A", "W1", 1)
    assert take(world, old) == Acknowledged(0, (old.id,), ())
    newer = changes(world)["L-A"]
    assert (newer.available, newer.version > old.version) == (8, True)
    assert take(world, newer) == Acknowledged(1, (), ())
    assert take(world, old) == Acknowledged(0, (old.id,), ())
    assert "L-A" not in changes(world)
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert (row.seq, row.sent_seq, row.sent_value) == (newer.version, newer.version, 8)


def test_a_version_that_was_never_given_and_a_foreign_listing_clear_nothing(world: World) -> None:
    world.stock("A", "W1", 7)
    change = changes(world)["L-A"]
    with pytest.raises(BadInput, match=f"version {change.version + 1} of {change.id} was never given"):
        acknowledge(world.ctx, world.shop_id, [(change.id, change.version + 1)])
    other = world.connect("other")
    assert acknowledge(world.ctx, other, [(change.id, change.version), (999_999, 1)]) == Acknowledged(
        0, (), (change.id, 999_999)
    )
    assert changes(world)["L-A"] == change


def test_the_0_of_a_listing_that_was_unlinked_is_given_until_it_is_acknowledged(world: World) -> None:
    world.know_empty()
    world.stock("A", "W1", 7)
    take(world, *changes(world).values())
    world.stock("A", "W1", 1)
    old = changes(world)["L-A"]
    unlink_listing(world.ctx, world.shop_id, "L-A", zero=True, actor="eve")
    take(world, old)
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert row.sent_value == 7, "8 or 7: what he showed before is all that is known"
    last = changes(world)["L-A"]
    assert (last.sku, last.available) == ("A", 0)
    for _ in range(2):
        assert take(world, last) == Acknowledged(1, (), ())
        assert "L-A" not in changes(world)


def test_pages_go_on_where_the_one_before_ended(world: World) -> None:
    world.know_empty()
    found, seen, after = set[str](), 0, 0
    while True:
        page, following = stock_changes(world.ctx, world.shop_id, after=after, limit=3)
        found |= {change.listing_ref for change in page}
        seen += len(page)
        if following is None:
            break
        after = following
    assert (found, seen) == ({"L-A", "L-B", "L-C", "L-KIT"}, 4)


def test_a_listing_that_is_no_longer_stocked_is_not_given(world: World) -> None:
    world.stock("A", "W1", 7)
    with world.db.write() as db:
        db.execute(t.listings.update().where(t.listings.c.listing_ref == "L-A").values(stocked=False))
    assert "L-A" not in changes(world)


def test_a_feed_is_found_by_name_by_those_who_may_ask(world: World) -> None:
    assert connection_named(world.ctx, "shop") == world.shop_id
    assert connection_named(world.ctx, "shop", world.shop_id) == world.shop_id
    with pytest.raises(NotFound, match="no connection named 'nope'"):
        connection_named(world.ctx, "nope")
    for name in ("shop", "nope"):
        with pytest.raises(NotAllowed, match=f"another connection than '{name}'"):
            connection_named(world.ctx, name, world.shop_id + 1)
    world.shop.spec = replace(SPEC, can=frozenset({Can.PUSH_STOCK}))
    with pytest.raises(Conflict, match="the numbers of shop are pushed to it"):
        connection_named(world.ctx, "shop")
