"""A link is made to a listing that the shop is known to have, and taken away with all that waited to be told of it."""

from __future__ import annotations

import pytest

from hub.canonical.errors import Conflict, NotFound
from hub.store import tables as t
from hub.usecases.fix_holds import link_listing
from hub.usecases.pull_listings import pull_listings
from hub.usecases.push_stock import push_stock
from hub.usecases.unlink_listing import Unlinked, unlink_listing
from tests.fakes.world import World


def links(world: World) -> dict[str, str | None]:
    return {row.listing_ref: row.sku for row in world.rows(t.listings)}


def push_row(world: World, ref: str):  # type: ignore[no-untyped-def]
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == ref)
    return row


def test_a_shop_whose_listings_are_read_must_have_what_is_linked(world: World) -> None:
    before = links(world)
    with pytest.raises(
        NotFound, match=r"shop has no listing 'L_A': called most alike: L-A \(A\)\. If it is new there, .* pull shop"
    ):
        link_listing(world.ctx, world.shop_id, "L_A", "B", actor="eve", listed=True)
    assert links(world) == before and not world.rows(t.audit_log, t.audit_log.c.action == "listing.linked")
    link_listing(world.ctx, world.shop_id, "L-A", "B", actor="eve", listed=True)
    assert links(world) == before | {"L-A": "B"}


def test_a_shop_whose_listings_nobody_can_read_is_taken_at_a_persons_word(world: World) -> None:
    with world.db.write() as db:
        db.execute(t.streams.delete().where(t.streams.c.stream == "listings"))
    link_listing(world.ctx, world.shop_id, "DEALERS-7", "A", actor="eve", listed=True)
    assert links(world)["DEALERS-7"] == "A"


def test_a_listing_that_an_order_waits_for_is_known(world: World) -> None:
    assert world.order("o1", NEW=1) == "held"
    assert link_listing(world.ctx, world.shop_id, "L-NEW", "A", actor="eve", listed=True) == 1
    unlink_listing(world.ctx, world.shop_id, "L-NEW", actor="eve")
    assert link_listing(world.ctx, world.shop_id, "L-NEW", "B", actor="eve", listed=True) == 0  # it named it once


def test_without_its_link_a_listing_has_nothing_to_tell_and_nothing_that_was_given_up(world: World) -> None:
    world.stock("A", "W1", 5)
    push_stock(world.ctx, world.shop_id)
    world.stock("A", "W1", 1)
    with world.db.write() as db:
        mine = t.stock_pushes.c.listing_ref == "L-A"
        db.execute(t.stock_pushes.update().where(mine).values(dead=True, attempts=9, error="refused"))
    done = unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    assert done == Unlinked("A", 5, again=True, gone=False)
    row = push_row(world, "L-A")
    assert (links(world)["L-A"], row.seq - row.sent_seq, row.dead, row.error) == (None, 0, False, "")
    world.stock("A", "W1", 1)
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 5
    with pytest.raises(Conflict, match="listing L-A is linked to no SKU"):
        unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    pull_listings(world.ctx, world.shop_id)
    push_stock(world.ctx, world.shop_id)
    assert (links(world)["L-A"], world.shop.shelf["L-A"]) == ("A", 7)


def test_what_no_reading_ever_showed_is_no_listing_any_more(world: World) -> None:
    link_listing(world.ctx, world.shop_id, "L-TYPO", "A", actor="eve")
    done = unlink_listing(world.ctx, world.shop_id, "L-TYPO", actor="eve")
    assert done == Unlinked("A", None, again=False, gone=True) and "L-TYPO" not in links(world)
    with pytest.raises(NotFound, match=r"shop has no listing 'L-TYPO': none is called alike"):
        unlink_listing(world.ctx, world.shop_id, "L-TYPO", actor="eve")
