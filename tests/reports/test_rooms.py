"""Stock, channels, holds, picks, dead letters and the overview, after a day's work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.canonical.errors import AuthFailed, ChannelDown, NotAllowed, NotFound
from hub.reports.channels import read_channel, read_channels
from hub.reports.dead import dead_count, dead_letters
from hub.reports.holds import hold_cause, hold_causes, hold_counts
from hub.reports.overview import read_overview
from hub.reports.picks import find_picks, next_picks, pick_counts, read_pick
from hub.reports.sku import read_sku
from hub.reports.stock import Balance, find_stock, stock_counts
from hub.usecases.manage_catalog import add_item
from hub.usecases.pick_orders import start_picking
from hub.usecases.push_stock import push_stock
from tests.fixtures.pages import MovedClock
from tests.fixtures.seed import stopped_shop
from tests.fixtures.shop_day import Day


def test_stock_shows_every_warehouse_and_every_channel(day: Day) -> None:
    page = find_stock(day.db, day.seed.ctx.clock(), q="mug-blue")
    row = page.rows[0]
    assert [code for code, _ in page.warehouses] == ["SZX", "BER", "ORD"]
    assert row.places == {
        "SZX": Balance(2, 1, 0, 0, 0, 0, 0, 0, 1), "ORD": Balance(18, 12, 0, 0, 0, 0, 0, 0, 6),
    }  # fmt: skip
    assert (row.on_hand, row.reserved, row.free) == (20, 13, 7)
    assert [(one.connection, one.should, one.waiting) for one in row.listings] == [
        ("tmall-flagship", 7, True), ("berlin-web", 7, True), ("dealer-0042", 7, True),
    ]  # fmt: skip


def test_pushed_stock_is_equal_and_a_refused_listing_is_given_up(day: Day) -> None:
    web = day.shops["berlin-web"]
    day.seed.channels[web].refuse = {"L-TEE-RED-M"}
    day.seed.push()
    shown = {one.connection: one for one in find_stock(day.db, day.seed.ctx.clock(), q="TEE-RED-M").rows[0].listings}
    assert (shown["tmall-flagship"].shown, shown["tmall-flagship"].should) == (0, 0)
    assert (shown["berlin-web"].dead, shown["berlin-web"].error) == (True, "the listing is archived there")
    counts = stock_counts(day.db)
    assert {tab: len(find_stock(day.db, day.seed.ctx.clock(), tab=tab).rows) for tab in counts} == counts
    assert (counts["all"], counts["out"], counts["failed"]) == (6, 1, 1)


def test_a_scope_hides_other_warehouses(day: Day) -> None:
    page = find_stock(day.db, day.seed.ctx.clock(), q="MUG-BLUE", scope=frozenset({"ORD"}))
    assert [code for code, _ in page.warehouses] == ["ORD"]
    assert page.rows[0].on_hand == 18
    assert {
        move.warehouse for move in read_sku(day.db, "MUG-BLUE", day.seed.ctx.clock(), frozenset({"ORD"})).moves
    } == {"ORD"}


def test_a_sku_tells_its_ledger_its_kits_and_who_waits(day: Day) -> None:
    mug = read_sku(day.db, "MUG-BLUE", day.seed.ctx.clock())
    assert mug.part_of == (("GIFT-SET", 1),)
    assert [(m.kind, m.on_hand, m.reserved, m.number) for m in mug.moves if m.number == "#1001"] == [
        ("ship", -1, -1, "#1001"), ("reserve", 0, 1, "#1001"),
    ]  # fmt: skip
    assert read_sku(day.db, "LAMP-OAK", day.seed.ctx.clock()).waiting == 1
    assert read_sku(day.db, "GIFT-SET", day.seed.ctx.clock()).components == (("MUG-BLUE", 1), ("TEE-RED-M", 1))
    with pytest.raises(NotFound, match="there is no SKU 'NOPE'"):
        read_sku(day.db, "NOPE", day.seed.ctx.clock())


def test_ten_thousand_skus_are_paged_by_code(day: Day) -> None:
    for at in range(60):
        add_item(day.seed.ctx, f"Z-{at:03}", actor="system:0")
    first = find_stock(day.db, day.seed.ctx.clock(), limit=50)
    second = find_stock(day.db, day.seed.ctx.clock(), limit=50, after=first.next or "")
    codes = [row.sku for row in (*first.rows, *second.rows)]
    assert codes == sorted(codes) and len(codes) == 66 and second.next is None


def test_holds_are_grouped_by_cause_with_suggestions(day: Day) -> None:
    causes = {cause.kind: cause for cause in hold_causes(day.db)}
    unknown = causes["unknown_sku"]
    assert (unknown.orders, unknown.offered_sku, unknown.listing_ref) == (3, "TEE-RED-XXL", "X-TEE-RED-XXL")
    assert [number for _, number in unknown.examples] == ["#1006", "#1007", "#1008"]
    assert [(s.sku, s.by) for s in unknown.suggestions][:1] == [("TEE-RED-XL", "sku")]
    assert (causes["bad_record"].messages, causes["bad_record"].field, causes["bad_record"].value) == (
        2,
        "status",
        "on-hold",
    )
    assert (causes["short"].orders, causes["short"].value) == (1, "LAMP-OAK")
    assert hold_counts(day.db)["all"] == 3
    assert hold_cause(day.db, unknown.fingerprint) == unknown
    with pytest.raises(NotFound, match="any more"):
        hold_cause(day.db, "unknown_sku:gone")


def test_a_large_catalog_still_gives_suggestions(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.reports.holds.COMPARED", 3)
    cause = next(cause for cause in hold_causes(day.db) if cause.kind == "unknown_sku")
    assert [one.sku for one in cause.suggestions] == ["TEE-RED-XL", "TEE-RED-M"]


def test_a_channel_that_fails_three_times_is_in_error_and_one_without_credentials_needs_a_person(day: Day) -> None:
    dealer, web = day.shops["dealer-0042"], day.shops["berlin-web"]
    day.seed.channels[dealer].failure = ChannelDown("no answer within 20 s", 30)
    for _ in range(3):
        with pytest.raises(ChannelDown):
            push_stock(day.seed.ctx, dealer)
    day.seed.channels[web].failure = AuthFailed("the token was refused")
    with pytest.raises(AuthFailed):
        push_stock(day.seed.ctx, web)
    now = day.seed.ctx.clock()
    words = {channel.name: channel.health for channel in read_channels(day.db, now)}
    assert words == {"tmall-flagship": "starting", "dealer-0042": "error", "berlin-web": "needs_person"}
    stock = next(s for s in read_channel(day.db, dealer, now).streams if s.stream == "stock")
    assert (stock.failures, stock.error, stock.health) == (3, "no answer within 20 s", "error")
    needs = [(need.kind, need.connection) for need in read_overview(day.db, now).needs if need.connection]
    assert needs == [("auth_failed", "berlin-web"), ("failing", "dealer-0042")]
    stopped = {s.stream: s.health for s in read_channel(day.db, web, now).streams}
    assert {word for stream, word in stopped.items() if stream != "webhooks"} == {"paused"}
    with pytest.raises(NotFound, match="there is no connection 99"):
        read_channel(day.db, 99, now)


def test_lag_is_the_age_of_the_oldest_thing_that_waits(day: Day, clock: MovedClock) -> None:
    clock.move(seconds=90)
    found = read_channel(day.db, day.shops["tmall-flagship"], clock.now)
    assert found.lag_s == 90
    day.seed.push()
    assert read_channel(day.db, day.shops["tmall-flagship"], clock.now).lag_s == 0


def test_the_breaker_shows_as_a_need(day: Day) -> None:
    shop = stopped_shop(day.seed)
    found = read_channel(day.db, shop, day.seed.ctx.clock())
    assert (found.breaker, found.health, found.waiting_zeros) == (True, "needs_person", 12)
    assert (found.waiting_pushes, found.lag_s) == (0, 0)  # they wait for a person, not for the channel
    needs = read_overview(day.db, day.seed.ctx.clock()).needs
    assert ("breaker", shop, 12) in {(n.kind, n.connection_id, n.count) for n in needs}


def test_dead_letters_name_their_kind_and_error(day: Day) -> None:
    web = day.shops["berlin-web"]
    day.seed.channels[web].refuse = {"L-TEE-RED-M"}
    day.seed.push()
    letters = dead_letters(day.db)
    assert [(one.kind, one.ref, one.connection, one.error) for one in letters] == [
        ("push", "L-TEE-RED-M", "berlin-web", "the listing is archived there")
    ]
    assert dead_count(day.db) == 1 and dead_letters(day.db, connection_id=day.shops["tmall-flagship"]) == []


def test_pick_lists_are_counted_scoped_and_the_own_come_first(day: Day) -> None:
    assert pick_counts(day.db) == {"todo": 6, "open": 6, "picking": 0, "packed": 0, "shipped": 1, "cancelled": 0}
    berlin = find_picks(day.db, scope=frozenset({"BER"}))
    assert {card.warehouse for card in berlin.rows} == {"BER"}
    start_picking(day.seed.ctx, 5, "user:1")
    mine = next_picks(day.db, "user:1")
    assert (mine[0].id, mine[0].mine) == (5, True)
    assert 5 not in {card.id for card in next_picks(day.db, "user:2")}


def test_a_pick_list_of_another_warehouse_is_refused(day: Day) -> None:
    sheet = read_pick(day.db, 2)
    assert (sheet.note, sheet.shipping_method, sheet.left) == ("请在周五前送达，谢谢", "顺丰标快", 1)
    assert sheet.carriers[0] == "SF Express"
    with pytest.raises(NotAllowed, match="belongs to the warehouse SZX, which is not yours"):
        read_pick(day.db, 2, scope=frozenset({"BER"}))
    with pytest.raises(NotFound, match="there is no pick list 999"):
        read_pick(day.db, 999)


def test_the_overview_counts_the_day(day: Day) -> None:
    tiles = read_overview(day.db, day.seed.ctx.clock()).tiles
    assert (tiles.orders_today, tiles.to_ship, tiles.held, tiles.causes, tiles.unread) == (12, 5, 4, 2, 2)
    assert (tiles.refused, tiles.shipped_today, tiles.oversold, tiles.failed) == (1, 1, 0, 0)
    tomorrow = read_overview(day.db, day.seed.ctx.clock() + timedelta(days=1)).tiles
    assert (tomorrow.orders_today, tomorrow.shipped_today) == (0, 0)
