"""ATS, lots, buffers, pools, policies and lag: each sentence of their promises is one law."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.errors import BadInput
from hub.canonical.order import Payment
from hub.rules.ats import Balance, Limits, Part, by_lot, free_of, offer, place_line
from hub.rules.buffers import NO_BUFFER, BufferRule, first_fit
from hub.rules.lag import nearest_rank, pace, poisson_quantile
from hub.rules.lots import LifeRule, lives_long_enough, min_days
from hub.rules.pools import Pool, dealt, kept_for_others, limited, own_pool, unfilled
from hub.rules.selling import STOCK, Policy, owed_under, policy_of, soft_minutes, soft_until

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SMALL = st.integers(0, 60)


@st.composite
def balances(draw: st.DrawFn) -> Balance:
    reserved, damaged, held, free = (draw(SMALL) for _ in range(4))
    expires = draw(st.none() | st.integers(-5, 40).map(lambda days: TODAY + timedelta(days=days)))
    lot = "" if expires is None else f"L{expires}"
    return Balance(reserved + damaged + held + free, reserved, damaged, held, draw(SMALL), lot, expires)


LOTS = st.lists(balances(), min_size=1, max_size=4)
RULES = st.builds(BufferRule, units=SMALL, permille=st.integers(0, 1000))


@given(LOTS, st.integers(0, 30), RULES)
def test_a_place_adds_what_lies_there_less_everything_that_stands_before_it(
    lots: list[Balance], days: int, rule: BufferRule
) -> None:
    line = place_line("W", lots, TODAY, days, rule)
    rest = line.on_hand - line.reserved - line.damaged - line.quality_hold - line.too_short - line.safety - line.buffer
    assert line.free == max(0, rest)
    good = sum(lot.free for lot in lots if lot.expires_on is None or lot.expires_on >= TODAY + timedelta(days=days))
    assert line.free <= max(0, good - line.safety)


@given(LOTS, st.integers(0, 30))
def test_asking_for_a_longer_life_never_offers_more(lots: list[Balance], days: int) -> None:
    assert place_line("W", lots, TODAY, days + 1).free <= place_line("W", lots, TODAY, days).free


def test_a_lot_is_sold_on_its_last_good_day_and_not_after() -> None:
    lots = [Balance(5, lot="OLD", expires_on=TODAY - timedelta(days=1)), Balance(7, lot="NOW", expires_on=TODAY)]
    line = place_line("W", lots, TODAY)
    assert (line.on_hand, line.too_short, line.free) == (12, 5, 7)
    assert (lives_long_enough(TODAY, TODAY, 0), lives_long_enough(TODAY, TODAY, 1)) == (True, False)
    assert place_line("W", [Balance(3)], TODAY, 900).free == 3


def test_a_place_that_is_left_out_counts_nothing_and_a_frozen_one_counts() -> None:
    assert place_line("W", [Balance(9)], TODAY, stale="leave_out").free == 0
    assert place_line("W", [Balance(9)], TODAY, stale="freeze").free == 9


@given(LOTS)
def test_the_lots_of_a_place_add_up_to_it_and_none_gives_more_than_it_has(lots: list[Balance]) -> None:
    found = by_lot(lots, TODAY)
    assert sum(found) == place_line("W", lots, TODAY).free
    for lot, given_ in zip(lots, found, strict=True):
        good = lot.expires_on is None or lot.expires_on >= TODAY
        assert 0 <= given_ <= (lot.free if good else 0)


def test_the_lot_that_expires_first_gives_first_and_the_last_keeps_what_stays_unsold() -> None:
    days = [None, 9, 2, -1]
    lots = [Balance(4, lot=f"L{n}", expires_on=None if n is None else TODAY + timedelta(days=n)) for n in days]
    assert by_lot([Balance(0, safety=5), *lots], TODAY) == [0, 0, 3, 4, 0]
    assert by_lot([Balance(0, safety=2), Balance(3, lot="L1")], TODAY) == [0, 1]


def test_safety_is_kept_per_place_before_the_places_are_added_up() -> None:
    shelves = {"W1": [Balance(5, reserved=4, safety=3)], "W2": [Balance(10, safety=2)]}
    assert free_of(shelves, TODAY) == 8


@given(SMALL, RULES)
def test_a_buffer_keeps_no_more_than_there_is(free: int, rule: BufferRule) -> None:
    kept = rule.of(free)
    assert 0 <= kept <= free
    assert kept == min(free, rule.units + -(-free * rule.permille // 1000) if free else 0)


def test_the_first_buffer_rule_that_fits_is_taken_even_when_it_keeps_nothing() -> None:
    rules = [
        BufferRule(1, connection_id=2, units=9),
        BufferRule(2, tag="new", units=0),
        BufferRule(3, warehouse="W1", units=3),
        BufferRule(4, units=1),
    ]
    found = [
        first_fit(rules, cid, place, "A", tags).id
        for cid, place, tags in [(2, "W1", ()), (1, "W1", ("new",)), (1, "W1", ()), (1, "W2", ())]
    ]
    assert found == [1, 2, 3, 4]
    assert first_fit(rules[:1], 1, "W1", "A", ()) is NO_BUFFER


def test_the_closest_rule_of_remaining_life_wins_and_of_equals_the_strictest() -> None:
    rules = [
        LifeRule(min_days=30), LifeRule(tag="fresh", min_days=5), LifeRule(tag="cold", min_days=7),
        LifeRule(sku="A", min_days=3), LifeRule(connection_id=2, min_days=90),
    ]  # fmt: skip
    asked = [(1, "B", ()), (1, "B", ("fresh", "cold")), (1, "A", ("fresh",)), (2, "A", ("fresh",)), (2, "B", ())]
    assert [min_days(rules, *one) for one in asked] == [30, 7, 3, 90, 90]
    assert min_days([], 1, "A", ()) == 0


POOLS = st.lists(
    st.builds(Pool, id=st.integers(1, 99), connection_id=st.integers(1, 4), sku=st.just("A"),
              mode=st.sampled_from(("exclusive", "shared", "ratio")), units=SMALL),
    max_size=5, unique_by=(lambda pool: pool.id, lambda pool: pool.connection_id),
)  # fmt: skip


@given(st.integers(-5, 100), POOLS)
def test_pools_never_keep_more_than_there_is_nor_more_than_they_ask(free: int, pools: list[Pool]) -> None:
    found = dealt(free, pools)
    asked = {pool.connection_id: pool.units for pool in pools if pool.mode == "exclusive"}
    assert sum(found.values()) <= max(0, free)
    assert all(0 <= pieces <= asked[owner] for owner, pieces in found.items())
    assert sum(found.values()) == min(max(0, free), sum(asked.values()))
    assert unfilled(free, pools) == {o: n - found[o] for o, n in asked.items() if n > found[o]}


@given(st.integers(0, 100), POOLS)
def test_what_one_connection_may_touch_leaves_the_others_theirs(free: int, pools: list[Pool]) -> None:
    found = dealt(free, pools)
    for mine in range(1, 6):
        others = sum(pieces for owner, pieces in found.items() if owner != mine)
        assert kept_for_others(free, pools, mine) == others
        assert free - others >= found.get(mine, 0)


def test_the_oldest_pool_is_filled_first() -> None:
    pools = [Pool(7, 1, "A", "exclusive", 10), Pool(3, 2, "A", "exclusive", 10)]
    assert dealt(12, pools) == {2: 10, 1: 2}
    assert unfilled(12, pools) == {1: 8}


def test_a_pool_for_the_sku_comes_before_the_one_for_all_and_ends_at_its_time() -> None:
    pools = {(1, ""): Pool(1, 1), (1, "A"): Pool(2, 1, "A", ends_at=NOW)}
    assert [own_pool(pools, 1, "A"), own_pool(pools, 1, "B"), own_pool(pools, 2, "A")] == [
        pools[1, "A"], pools[1, ""], None,
    ]  # fmt: skip
    assert (pools[1, "A"].stands(NOW - timedelta(seconds=1)), pools[1, "A"].stands(NOW)) == (True, False)


@given(st.dictionaries(st.tuples(st.sampled_from("XYZ"), st.sampled_from("AB")), st.integers(-3, 40)), SMALL)
def test_limited_stock_is_cut_to_the_limit_and_nothing_else_changes(
    free: dict[tuple[str, str], int], most: int
) -> None:
    found = limited(free, "A", most, ["Z", "Y", "X"])
    before = sum(max(0, n) for (_, sku), n in free.items() if sku == "A")
    assert sum(max(0, n) for (_, sku), n in found.items() if sku == "A") == min(before, most)
    assert all(found[key] == n for key, n in free.items() if key[1] == "B")
    assert all(found[key] <= n for key, n in free.items())


def test_limited_stock_is_taken_from_the_last_place_first() -> None:
    free = {("W1", "A"): 5, ("W2", "A"): 5}
    assert limited(free, "A", 7, ["W2", "W1"]) == {("W1", "A"): 5, ("W2", "A"): 2}


def test_a_policy_of_the_connection_comes_before_the_one_for_all() -> None:
    own, all_of = Policy("backorder", 3), Policy("backorder", 9)
    known = {("A", 1): own, ("A", 0): all_of}
    assert [policy_of(known, "A", 1), policy_of(known, "A", 2), policy_of(known, "B", 1)] == [own, all_of, STOCK]
    owed = {1: 2, 2: 3, 5: 4}
    assert (owed_under(known, owed, "A", 1), owed_under(known, owed, "A", 2)) == (2, 7)


@pytest.mark.parametrize(
    ("_case", "policy", "owed", "room"),
    [
        ("stock sells no more", Policy(), 2, 0),
        ("backorder", Policy("backorder", 5), 2, 3),
        ("owed more than allowed", Policy("backorder", 1), 4, -3),
        ("presale before its day", Policy("presale", 5, TODAY + timedelta(days=1)), 2, 3),
        ("presale on its day", Policy("presale", 5, TODAY), 2, 0),
        ("presale without a day", Policy("presale", 5), 0, 5),
    ],
)
def test_what_may_be_sold_beyond_the_stock(_case: str, policy: Policy, owed: int, room: int) -> None:
    assert policy.room(owed, TODAY) == room
    assert policy.takes(max(1, room), owed, TODAY) == (room >= 1)


def _part(free: int, per_unit: int = 1, **more: object) -> Part:
    return Part("A", per_unit, (place_line("W", [Balance(free)], TODAY),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "parts", "limits", "number"),
    [
        ("plain", [_part(7)], Limits(), 7),
        ("dozen", [_part(35, 12)], Limits(), 2),
        ("kit by scarcest", [_part(10, 2), _part(4), _part(30, 3)], Limits(), 4),
        ("both buffers", [_part(10)], Limits(buffer=3, lag=2), 5),
        ("buffer above stock", [_part(2)], Limits(buffer=3), 0),
        ("capped after the buffer", [_part(700)], Limits(buffer=10, cap=99), 99),
        ("share", [_part(7)], Limits(permille=600), 4),
        ("ends when few are left", [_part(5)], Limits(end_when=5), 0),
        ("goes on above it", [_part(6)], Limits(end_when=5), 6),
        ("kept for others", [_part(9, kept=4)], Limits(), 5),
        ("kept for others is more than there is", [_part(3, kept=4)], Limits(), 0),
        ("backorder", [_part(2, mode="backorder", room=3)], Limits(), 5),
        ("more owed than may be", [_part(2, mode="backorder", room=-1)], Limits(), 1),
        ("presale counts no stock", [_part(50, mode="presale", room=3, stock_counts=False)], Limits(), 3),
        ("no component", [], Limits(), 0),
    ],
)
def test_the_number_of_a_listing(_case: str, parts: list[Part], limits: Limits, number: int) -> None:
    assert offer(parts, limits).number == number


@given(st.lists(st.builds(_part, st.integers(0, 200), st.integers(1, 12)), min_size=1, max_size=4), SMALL, SMALL)
def test_a_number_never_passes_what_every_component_makes(parts: list[Part], buffer: int, cap: int) -> None:
    number = offer(parts, Limits(buffer=buffer, cap=cap)).number
    assert 0 <= number <= cap
    assert all(number * part.per_unit <= part.sellable for part in parts)


def test_unknown_is_not_zero_and_stale_is_never_raised() -> None:
    unknown = offer([Part("A", 1, ())])
    assert (unknown.source, unknown.publish(None), unknown.publish(9), unknown.held_back) == (
        "unknown", None, None, "unknown",
    )  # fmt: skip
    closed = offer([_part(9), Part("A", 1, (), closed=True)])
    assert (closed.source, closed.publish(None), closed.publish(5), closed.held_back) == ("computed", 0, 0, "")
    stale = offer([Part("A", 1, (place_line("W2", [Balance(6)], TODAY, stale="freeze"),))])
    assert [stale.publish(sent) for sent in (None, 4, 6, 9)] == [None, 4, 6, 6]
    assert stale.held_back == "stale: W2"
    assert offer([_part(6)]).publish(None) == 6
    assert offer([Part("A", 1, (), mode="backorder", room=5)]).publish(0) == 5


@pytest.mark.parametrize("mean", [0.001, 0.01005, 0.5, 3.0, 40.0])
@pytest.mark.parametrize("quantile", [0.5, 0.95, 0.99, 0.999])
def test_the_quantile_is_the_smallest_number_that_is_rarely_passed(mean: float, quantile: float) -> None:
    n = poisson_quantile(mean, quantile)

    def below(most: int) -> float:
        return sum(exp(-mean) * mean**k / factorial(k) for k in range(most + 1))

    assert below(n) >= quantile - 1e-12
    assert n == 0 or below(n - 1) < quantile + 1e-12


def test_the_quantile_of_large_means_is_found_without_overflow() -> None:
    assert poisson_quantile(0, 0.99) == 0
    assert poisson_quantile(10_000, 0.99) == 10_233
    assert poisson_quantile(1e6, 0.5) == 1_000_000


def test_the_empirical_quantile_is_a_value_that_was_measured() -> None:
    values = list(range(100, 2100, 100))
    assert [nearest_rank(values, p) for p in (0, 500, 950, 1000)] == [100, 1000, 1900, 2000]
    assert nearest_rank([], 950) == 0


def test_the_buffer_of_a_listing_is_shown_with_its_arithmetic() -> None:
    found = pace("A", 1440, 1.0, [60_000] * 20)
    assert (found.per_day, found.latency_ms, found.expected, found.pieces, found.buffer) == (1440.0, 60_000, 1.0, 4, 4)
    assert pace("A", 1440, 1.0, [60_000] * 20, per_unit=3).buffer == 2
    assert pace("A", 1440, 1.0, []).buffer == 0
    assert pace("A", 0, 7.0, [60_000]).buffer == 0


@given(SMALL, st.integers(0, 10_000), st.integers(0, 600_000), st.integers(0, 600_000))
def test_more_sales_or_a_slower_push_never_lower_the_buffer(sold: int, more: int, fast: int, slower: int) -> None:
    base = pace("A", sold, 7.0, [fast]).buffer
    assert pace("A", sold + more, 7.0, [fast]).buffer >= base
    assert pace("A", sold, 7.0, [fast + slower]).buffer >= base


def test_minutes_of_soft_holds_are_read_by_payment_state() -> None:
    found = soft_minutes(" unpaid = 30, authorized=1440 ")
    assert found == {Payment.UNPAID: 30, Payment.AUTHORIZED: 1440}
    assert soft_until(found, Payment.UNPAID, NOW) == NOW + timedelta(minutes=30)
    assert [soft_until(found, payment, NOW) for payment in (Payment.PAID, None)] == [None, None]
    assert soft_minutes("") == {}


@pytest.mark.parametrize("text", ["paid=3", "unpaid", "unpaid=x", "unpaid=-1", "unpaid=99999", "unpaid=٣"])
def test_other_words_about_soft_holds_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="write unpaid=MINUTES"):
        soft_minutes(text)
