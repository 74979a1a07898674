"""No order takes what is kept for another connection, and each decision follows from what its order saw."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.kept_plan import Kept, plan_kept
from hub.rules.pools import Pool, kept_for_others
from hub.rules.routing import (
    Decision,
    Demand,
    Piece,
    Place,
    Ruleset,
    Snapshot,
    as_seen,
    explain,
    plan,
    snapshot_hash,
    what_would_have_to_change,
    why,
)

DAY = date(2026, 12, 1)
PLACES = (Place("W1", 1), Place("W2", 2))
RULES = Ruleset(version=1)
FREE = st.fixed_dictionaries({(place, sku): st.integers(0, 12) for place in ("W1", "W2") for sku in ("A", "B")})
ORDERS = st.lists(
    st.tuples(st.integers(1, 3), st.dictionaries(st.sampled_from("AB"), st.integers(1, 8), min_size=1)), max_size=8
)
POOLS = st.dictionaries(st.integers(1, 3), st.integers(0, 15), max_size=3)


def demands(orders: list[tuple[int, dict[str, int]]]) -> list[Demand]:
    return [
        Demand(str(n), tuple(Piece(f"{n}-{sku}", sku, pieces) for sku, pieces in sorted(wanted.items())))
        for n, (_, wanted) in enumerate(orders)
    ]


@given(FREE, ORDERS, POOLS)
def test_what_pools_keep_is_still_there_after_every_order_of_another_connection(
    free: dict[tuple[str, str], int], orders: list[tuple[int, dict[str, int]]], units: dict[int, int]
) -> None:
    pools = [Pool(owner, owner, "A", "exclusive", pieces) for owner, pieces in units.items()]
    asked, owners = demands(orders), [owner for owner, _ in orders]
    snapshot = Snapshot(PLACES, free)
    decisions, seen = plan_kept(snapshot, asked, owners, Kept({"A": pools} if pools else {}), RULES)
    left = sum(pieces for (_, sku), pieces in free.items() if sku == "A")
    for decision, owner in zip(decisions, owners, strict=True):
        kept = kept_for_others(left, pools, owner)
        left -= sum(take.quantity for take in decision.takes if take.sku == "A")
        assert left >= kept
    for demand, decision, stock in zip(asked, decisions, seen, strict=True):
        (again,) = plan(stock, [demand], RULES)
        assert (again.takes, again.shortages) == (decision.takes, decision.shortages)


@given(FREE, ORDERS)
def test_without_pools_and_presales_it_is_the_plan_itself(
    free: dict[tuple[str, str], int], orders: list[tuple[int, dict[str, int]]]
) -> None:
    asked, snapshot = demands(orders), Snapshot(PLACES, free)
    found = plan_kept(snapshot, asked, [owner for owner, _ in orders], Kept({}), RULES)
    made = plan(snapshot, asked, RULES)
    assert found == (made, as_seen(snapshot, asked, made))


def test_an_order_that_asks_for_what_is_kept_is_told_how_much_it_lacks() -> None:
    asked = [Demand("o", (Piece("p", "A", 9),))]
    snapshot = Snapshot(PLACES, {("W1", "A"): 6, ("W2", "A"): 4})
    kept = Kept({"A": [Pool(1, 7, "A", "exclusive", 3)]})
    (own,), _ = plan_kept(snapshot, asked, [7], kept, RULES)
    (other,), (seen,) = plan_kept(snapshot, asked, [8], kept, RULES)
    assert (own.outcome, other.outcome, [s.missing for s in other.shortages]) == ("routed", "short", [2])
    assert dict(seen.free) == {("W1", "A"): 6, ("W2", "A"): 1}


def test_nothing_of_a_presale_leaves_before_its_day() -> None:
    asked = [Demand("o", (Piece("p", "A", 1), Piece("q", "B", 1)))]
    snapshot = Snapshot(PLACES, {("W1", "A"): 6, ("W1", "B"): 6})
    ((decision,), _) = plan_kept(snapshot, asked, [7], Kept({}, {("A", 7): DAY}), RULES)
    assert (decision.takes, [(s.sku, s.missing) for s in decision.shortages]) == ((), [("A", 1)])
    ((decision,), _) = plan_kept(snapshot, asked, [8], Kept({}, {("A", 7): DAY}), RULES)
    assert decision.outcome == "routed"


def test_a_decision_says_that_it_waits_for_the_presales_day_and_is_made_again_from_what_it_saw() -> None:
    asked = [Demand("o", (Piece("p", "A", 2), Piece("q", "B", 1)))]
    snapshot = Snapshot(PLACES, {("W1", "A"): 6, ("W2", "B"): 6})
    ((decision,), (seen,)) = plan_kept(snapshot, asked, [7], Kept({}, {("A", 7): DAY, ("C", 7): DAY}), RULES)
    assert why(decision) == ("kept_for_presale", {
        "wanted": 3, "missing": 2, "skus": ("A",), "until": "2026-12-01", "best_single": "W2", "best_single_covers": 1,
    })  # fmt: skip
    assert Decision.from_dict(decision.to_dict()) == decision
    stored = Snapshot.from_dict(seen.to_dict())
    assert (stored.presale, snapshot_hash(stored)) == ({"A": DAY}, snapshot_hash(seen))
    assert plan(stored, asked, RULES) == (decision,)
    told = {row.warehouses: row.reason for row in explain(stored, asked[0], RULES, decision).candidates}
    assert told == {("W1",): "kept_for_presale", ("W2",): "covers_less"}
    assert what_would_have_to_change(stored, asked[0], RULES, "W1") == ()


@pytest.mark.parametrize(
    ("_case", "days", "code", "until"),
    [
        ("the last day counts", {("A", 7): DAY, ("B", 7): date(2026, 12, 9)}, "kept_for_presale", "2026-12-09"),
        ("a day that is not set yet", {("A", 7): DAY, ("B", 7): None}, "kept_for_presale", None),
        ("something else lacks too", {("A", 7): DAY}, "short", "-"),
        ("nothing waits for a day", {}, "short", "-"),
    ],
)
def test_only_where_all_that_lacks_waits_for_a_day_it_is_no_shortage(
    _case: str, days: dict[tuple[str, int], date | None], code: str, until: str | None
) -> None:
    asked = [Demand("o", (Piece("p", "A", 2), Piece("q", "B", 1)))]
    ((decision,), _) = plan_kept(Snapshot(PLACES, {}), asked, [7], Kept({}, days), RULES)
    assert (why(decision)[0], why(decision)[1].get("until", "-")) == (code, until)


def test_the_rest_of_an_order_that_is_sent_in_part_waits_for_the_day() -> None:
    asked = [Demand("o", (Piece("p", "A", 2), Piece("q", "B", 1)))]
    rules = Ruleset.flat(allow_partial=True)
    ((decision,), _) = plan_kept(Snapshot(PLACES, {("W2", "B"): 6}), asked, [7], Kept({}, {("A", 7): DAY}), rules)
    assert why(decision) == ("kept_for_presale_partly", {
        "warehouses": ("W2",), "wanted": 3, "missing": 2, "skus": ("A",), "until": "2026-12-01",
    })  # fmt: skip


def test_lots_of_a_presale_stay_too() -> None:
    asked = [Demand("o", (Piece("p", "A", 2),))]
    snapshot = Snapshot(PLACES, {("W1", "A"): 6}, lots={("W1", "A"): (("L1", "2027-01-01", 6),)})
    ((decision,), _) = plan_kept(snapshot, asked, [7], Kept({}, {("A", 7): DAY}), RULES)
    assert (decision.takes, why(decision)[0]) == ((), "kept_for_presale")


def test_orders_of_the_same_batch_see_what_earlier_ones_took() -> None:
    asked = [Demand(str(n), (Piece(f"p{n}", "A", 4),)) for n in range(3)]
    snapshot = Snapshot(PLACES, {("W1", "A"): 10})
    kept = Kept({"A": [Pool(1, 9, "A", "exclusive", 1)]})
    decisions, _ = plan_kept(snapshot, asked, [1, 1, 9], kept, RULES)
    assert [decision.outcome for decision in decisions] == ["routed", "routed", "short"]


def test_turns_count_through_orders_that_are_planned_apart() -> None:
    asked = [Demand(str(n), (Piece(f"p{n}", sku, 1),)) for n, sku in enumerate("BABB")]
    snapshot = Snapshot(PLACES, {("W1", "A"): 9, ("W1", "B"): 9})
    kept = Kept({"A": [Pool(1, 9, "A", "exclusive", 1)]})
    decisions, _ = plan_kept(snapshot, asked, [1] * 4, kept, RULES)
    assert [decision.turn for decision in decisions] == [0, 1, 2, 3]
