"""A link is made to a listing that the shop is known to have, and taken away with all that waited to be told of it."""

from __future__ import annotations

import pytest

from hub.canonical.errors import ChannelDown, NotFound
from hub.pages.hold_words import mend_text
from hub.pages.i18n import Voice
from hub.ports.channel import ListingOffer
from hub.reports.holds import hold_causes
from hub.store import tables as t
from hub.store.catalog import Meaning, read_catalog
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import add_item
from hub.usecases.pull_listings import pull_listings, store_listings
from hub.usecases.push_stock import push_batch, push_stock
from hub.usecases.unlink_listing import Unlinked, unlink_listing
from tests.fakes.channel import payload
from tests.fakes.world import World


def links(world: World) -> dict[str, str | None]:
    return {row.listing_ref: row.sku for row in world.rows(t.listings)}


def listing(world: World, ref: str):  # type: ignore[no-untyped-def]
    (row,) = world.rows(t.listings, t.listings.c.listing_ref == ref)
    return row


def push_row(world: World, ref: str):  # type: ignore[no-untyped-def]
    (row,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == ref)
    return row


def store(world: World, offer: ListingOffer) -> None:
    with world.db.write() as db:
        store_listings(db, world.shop_id, [offer], world.clock())


def told(world: World) -> dict[str, int | None]:
    while push_stock(world.ctx, world.shop_id):
        pass
    return dict(world.shop.shelf)


def test_a_shop_whose_listings_are_read_must_have_what_is_linked(world: World) -> None:
    before = links(world)
    with pytest.raises(
        NotFound, match=r"shop has no listing 'L_A': called most alike: L-A \(A\)\. If it is new there, .* pull shop"
    ):
        link_listing(world.ctx, world.shop_id, "L_A", "B", actor="eve", listed=True)
    assert links(world) == before and not world.rows(t.audit_log, t.audit_log.c.action == "listing.linked")
    link_listing(world.ctx, world.shop_id, "L-A", "B", actor="eve", listed=True)
    assert links(world) == before | {"L-A": "B"}


def test_a_wrong_digit_may_be_a_slip_of_the_hand(world: World) -> None:
    store(world, ListingOffer("40001234", sku=None))
    with pytest.raises(NotFound, match=r"no listing '40001243': called most alike: 40001234"):
        link_listing(world.ctx, world.shop_id, "40001243", "A", actor="eve", listed=True)


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
    assert done == Unlinked("A", 5, gone=False)
    row = push_row(world, "L-A")
    assert (links(world)["L-A"], row.seq - row.sent_seq, row.dead, row.error) == (None, 0, False, "")
    world.stock("A", "W1", 1)
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 5


def test_a_persons_unlink_lasts_until_a_person_links_again(world: World) -> None:
    world.stock("A", "W1", 5)
    pull_listings(world.ctx, world.shop_id)
    unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    pull_listings(world.ctx, world.shop_id)
    add_item(world.ctx, "A", title="New words for A", actor="eve")
    push_stock(world.ctx, world.shop_id)
    assert (links(world)["L-A"], world.shop.shelf.get("L-A")) == (None, None)
    assert (links(world)["L-B"], listing(world, "L-A").unlinked_at) == ("B", world.clock())
    link_listing(world.ctx, world.shop_id, "L-A", "A", actor="eve", listed=True)
    push_stock(world.ctx, world.shop_id)
    assert (links(world)["L-A"], world.shop.shelf["L-A"], listing(world, "L-A").unlinked_at) == ("A", 5, None)


def test_an_order_of_an_unlinked_listing_waits_though_it_names_a_sku_of_ours(world: World) -> None:
    world.stock("A", "W1", 5)
    line = {"channel_ref": "a1", "listing_ref": "L-A", "sku": "A", "quantity": "1"}
    assert world.order("before", more={"lines": [line]}) == "routed"
    unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    assert (world.order("after", more={"lines": [line]}), world.state("before")) == ("held", "routed")
    (cause,) = hold_causes(world.db)
    assert (cause.kind, cause.value, cause.listing_ref, cause.unlinked_at) == ("unknown_sku", "A", "L-A", world.clock())
    day = world.clock().date()
    assert mend_text(Voice("en"), cause).startswith(f"The listing “–” (L-A) was unlinked by hand on {day}. Only if")
    assert link_listing(world.ctx, world.shop_id, "L-A", "A", actor="eve") == 1
    world.work()
    assert world.state("after") == "routed"


def test_a_dealers_code_that_is_a_sku_of_ours_stays_unlinked(world: World) -> None:
    link_listing(world.ctx, world.shop_id, "B", "A", actor="eve")
    assert unlink_listing(world.ctx, world.shop_id, "B", actor="eve") == Unlinked("A", None, gone=False)
    with world.db.read() as db:
        catalog = read_catalog(db, [(world.shop_id, None, "B"), (world.shop_id, None, "A")])
    assert catalog.meaning(world.shop_id, None, "B") is None
    assert catalog.meaning(world.shop_id, None, "A") == Meaning("A", 1, (("A", 1),))


def test_what_no_reading_ever_showed_is_no_listing_any_more(world: World) -> None:
    link_listing(world.ctx, world.shop_id, "L-TYPO", "A", actor="eve")
    done = unlink_listing(world.ctx, world.shop_id, "L-TYPO", actor="eve")
    assert done == Unlinked("A", None, gone=True) and "L-TYPO" not in links(world)
    with pytest.raises(NotFound, match=r"shop has no listing 'L-TYPO': none is called alike"):
        unlink_listing(world.ctx, world.shop_id, "L-TYPO", actor="eve")


@pytest.mark.parametrize("wanted", [2, 1])
def test_a_later_version_of_an_order_means_what_it_meant_before_its_listing_was_unlinked(
    world: World, wanted: int
) -> None:
    world.stock("A", "W1", 5)
    assert world.order("o1", A=2) == "routed"
    unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    world.arrive(payload("o1", {"a1": ("L-A", wanted)}, "2026-11-23T09:00:00Z", extra={"note": "gift"}))
    assert (world.state("o1"), world.pieces("o1")) == ("routed", {"A": (wanted, wanted, 0)})
    assert not world.rows(t.holds, t.holds.c.state == "open")
    assert world.order("o2", A=1) == "held"  # whoever comes later waits for a person


def test_a_kit_that_was_unlinked_stays_a_kit_in_orders_that_have_it(world: World) -> None:
    for sku in ("A", "B"):
        world.stock(sku, "W1", 9)
    assert world.order("o1", KIT=2) == "routed"
    before = world.pieces("o1")
    unlink_listing(world.ctx, world.shop_id, "L-KIT", actor="eve")
    world.arrive(payload("o1", {"kit1": ("L-KIT", 1)}, "2026-11-23T09:00:00Z"))
    halved = {sku: (wanted // 2, reserved // 2, 0) for sku, (wanted, reserved, _) in before.items()}
    assert (world.state("o1"), world.pieces("o1")) == ("routed", halved)


def test_a_new_sku_is_linked_to_what_offers_it_before_an_order_takes_a_piece(world: World) -> None:
    offer = ListingOffer("L-NEW", sku="NEW-1", title="New")
    with world.db.write() as db:
        store_listings(db, world.shop_id, [offer], world.clock())
    world.arrive(payload("o1", {"n1": ("L-NEW", 1)}))
    assert (world.state("o1"), listing(world, "L-NEW").sku) == ("held", None)
    world.bell.rung.clear()
    add_item(world.ctx, "NEW-1", actor="eve")
    assert listing(world, "L-NEW").sku == "NEW-1"
    assert ("stock.push", world.shop_id) in world.bell.rung
    world.stock("NEW-1", "W1", 5)
    world.work()
    assert world.state("o1") == "routed"
    while push_stock(world.ctx, world.shop_id):
        pass
    assert world.shop.shelf["L-NEW"] == 4


def test_a_new_sku_links_nothing_that_a_person_unlinked(world: World) -> None:
    with world.db.write() as db:
        store_listings(db, world.shop_id, [ListingOffer("L-NEW", sku="NEW-1", title="New")], world.clock())
        db.execute(t.listings.update().where(t.listings.c.listing_ref == "L-NEW").values(unlinked_at=world.clock()))
    add_item(world.ctx, "NEW-1", actor="eve")
    assert listing(world, "L-NEW").sku is None


def test_a_person_says_never_before_the_first_link(world: World) -> None:
    store(world, ListingOffer("L-NEW", sku="NEW-1", title="New"))
    assert unlink_listing(world.ctx, world.shop_id, "L-NEW", actor="eve") == Unlinked(None, None, gone=False)
    since = world.clock()
    world.clock.move(hours=1)
    assert unlink_listing(world.ctx, world.shop_id, "L-NEW", actor="eve") == Unlinked(None, None, gone=False)
    assert listing(world, "L-NEW").unlinked_at == since
    assert len(world.rows(t.audit_log, t.audit_log.c.action == "listing.unlinked")) == 1
    add_item(world.ctx, "NEW-1", actor="eve")
    store(world, ListingOffer("L-NEW", sku="NEW-1", title="New"))
    assert (listing(world, "L-NEW").sku, world.order("o1", NEW=1)) == (None, "held")
    link_listing(world.ctx, world.shop_id, "L-NEW", "NEW-1", actor="eve", listed=True)
    assert (listing(world, "L-NEW").sku, listing(world, "L-NEW").unlinked_at) == ("NEW-1", None)


def test_a_listing_of_which_a_reading_showed_only_its_reference_may_be_kept_from_links(world: World) -> None:
    store(world, ListingOffer("L-BARE", sku=None))
    assert not unlink_listing(world.ctx, world.shop_id, "L-BARE", actor="eve").gone
    assert listing(world, "L-BARE").unlinked_at is not None


def test_the_channel_is_told_0_once_of_a_listing_that_is_unlinked(world: World) -> None:
    world.stock("A", "W1", 5)
    assert told(world)["L-A"] == 5
    world.bell.rung.clear()
    done = unlink_listing(world.ctx, world.shop_id, "L-A", zero=True, actor="eve")
    assert done == Unlinked("A", 5, gone=False, zero=True)
    assert ("stock.push", world.shop_id) in world.bell.rung
    assert told(world)["L-A"] == 0
    world.shop.shelf["L-A"] = 9  # what the shop does with it from now on is its own affair
    world.stock("A", "W1", 1)
    again = unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    assert (again, told(world)["L-A"]) == (Unlinked(None, 0, gone=False), 9)
    link_listing(world.ctx, world.shop_id, "L-A", "A", actor="eve", listed=True)
    assert told(world)["L-A"] == 6


def test_a_0_that_was_asked_for_is_not_forgotten_by_a_crash_nor_by_saying_unlink_again(world: World) -> None:
    world.stock("A", "W1", 5)
    told(world)
    unlink_listing(world.ctx, world.shop_id, "L-A", zero=True, actor="eve")
    world.shop.fail["push_stock"] = [ChannelDown("away")]
    with pytest.raises(ChannelDown):
        push_stock(world.ctx, world.shop_id)
    assert unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve") == Unlinked(None, 5, gone=False, zero=True)
    world.clock.move(hours=1)
    assert told(world)["L-A"] == 0


def test_a_number_that_is_under_way_comes_before_the_0(world: World) -> None:
    world.stock("A", "W1", 5)

    def unlink() -> None:
        unlink_listing(world.ctx, world.shop_id, "L-A", zero=True, actor="eve")
        assert push_batch(world.ctx, world.shop_id, ["L-A"]) == 0, "it waits for the call that is under way"

    world.shop.meanwhile["push_stock"] = unlink
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 5
    assert told(world)["L-A"] == 0


def test_a_link_that_only_a_person_made_is_gone_unless_its_channel_took_a_number(world: World) -> None:
    for ref in ("L-TYPO", "DEALERS-7"):
        link_listing(world.ctx, world.shop_id, ref, "A", actor="eve")
    assert unlink_listing(world.ctx, world.shop_id, "L-TYPO", zero=True, actor="eve") == Unlinked("A", None, gone=True)
    world.stock("A", "W1", 5)
    assert "L-TYPO" not in told(world)
    done = unlink_listing(world.ctx, world.shop_id, "DEALERS-7", zero=True, actor="eve")
    assert done == Unlinked("A", 5, gone=False, zero=True)
    assert told(world)["DEALERS-7"] == 0


def test_a_listing_that_never_had_a_link_is_told_0_too(world: World) -> None:
    store(world, ListingOffer("L-NEW", sku="NEW-1"))
    assert unlink_listing(world.ctx, world.shop_id, "L-NEW", zero=True, actor="eve").zero
    assert told(world) == {"L-NEW": 0}


def test_a_listing_that_is_linked_again_before_its_0_went_out_is_told_its_number(world: World) -> None:
    world.stock("A", "W1", 5)
    told(world)
    unlink_listing(world.ctx, world.shop_id, "L-A", zero=True, actor="eve")
    link_listing(world.ctx, world.shop_id, "L-A", "A", actor="eve", listed=True)
    world.stock("A", "W1", 2)
    told(world)
    lines = [line for call in world.shop.stock_calls for line in call]
    assert [line.available for line in lines if line.listing_ref == "L-A"] == [5, 7]
    unlink_listing(world.ctx, world.shop_id, "L-A", actor="eve")
    assert told(world)["L-A"] == 7
