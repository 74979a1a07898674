"""Who has a place in a process, who waits for one, and who is next."""

from __future__ import annotations

from collections.abc import Sequence

from workers.tasks._places import Key, Places
from workers.work import Lane, Work

PULL = Work("orders.pull", Lane.PULL, lambda _ctx, _c: 1, outside=True)
SEND = Work("outbox.send", Lane.PUSH, lambda _ctx, _c: 1, outside=True)
REFETCH = Work("orders.refetch", Lane.PULL, lambda _ctx, _c: 1, outside=True)
STOCK = Work("stock.push", Lane.STOCK, lambda _ctx, _c: 1, outside=True)
SWEEP = Work("stock.reconcile", Lane.SLOW, lambda _ctx, _c: 1, outside=True)
INGEST = Work("inbox.ingest", Lane.INGEST, lambda _ctx: 1)


def _enter(places: Places, work: Work, *connections: int) -> list[bool]:
    return [places.enter((work.name, connection), work) for connection in connections]


def _next(places: Places, key: Key) -> tuple[Key | None, Sequence[Key]]:
    """Leave; who has the place, and who is rung for."""
    places.leave(key)
    turn, others = places.hand_over()
    return (turn[0] if turn else None), others


def test_bulk_has_half_of_the_places_and_never_the_last_one_of_a_connection() -> None:
    places = Places(8)  # six places outside
    assert _enter(places, STOCK, 1, 2, 3, 4) == [True, True, True, False]
    assert _enter(places, SWEEP, 5) == [False]
    assert _enter(places, PULL, 1, 4) == [True, True]  # orders: also of a connection that is busy with its stock
    assert _enter(places, SEND, 1) == [True]
    assert _enter(places, PULL, 6) == [False]


def test_sweeps_leave_one_place_of_bulk_to_numbers() -> None:
    places = Places(8)
    assert _enter(places, SWEEP, 1, 2, 3) == [True, True, False]
    assert _enter(places, STOCK, 4) == [True]
    assert _enter(Places(3), SWEEP, 1) == [True]  # where there is one place only, both have it in turns


def test_one_connection_has_two_places_and_one_for_bulk() -> None:
    places = Places(16)
    assert _enter(places, PULL, 1) == _enter(places, SEND, 1) == [True]
    assert _enter(places, REFETCH, 1) == [False]
    assert _enter(places, REFETCH, 2) == [True]
    assert _enter(places, SWEEP, 1) == [True]
    assert _enter(places, STOCK, 1, 2) == [False, True]


def test_who_waits_longest_is_next_and_a_second_bell_changes_no_turn() -> None:
    places = Places(4)  # two places outside, one for bulk
    assert _enter(places, STOCK, 1, 2, 3, 4) == [True, False, False, False]
    assert _enter(places, STOCK, 3, 2) == [False, False]
    order = []
    key: Key | None = ("stock.push", 1)
    while key:
        key, others = _next(places, key)
        assert others == []
        order.append(key)
    assert order == [("stock.push", 2), ("stock.push", 3), ("stock.push", 4), None]


def test_a_place_that_is_not_handed_on_here_is_rung_for() -> None:
    places = Places(4)  # two places outside, one for bulk
    assert _enter(places, STOCK, 1, 2, 3) == [True, False, False]
    places.leave(("stock.push", 1))
    assert places.hand_over(here=False) == (None, [("stock.push", 2)])
    assert _enter(places, STOCK, 2) == [True]
    assert _next(places, ("stock.push", 2)) == (("stock.push", 3), [])


def test_orders_are_next_before_bulk_that_waits_longer() -> None:
    places = Places(3)  # one place outside
    assert _enter(places, PULL, 1) == [True]
    assert _enter(places, STOCK, 2) == _enter(places, SEND, 3) == [False]
    assert _next(places, ("orders.pull", 1)) == (("outbox.send", 3), [])


def test_who_fits_into_a_second_free_place_is_rung_for() -> None:
    places = Places(8)  # three places for bulk, two of them for sweeps
    assert _enter(places, SWEEP, 1, 2) == [True, True]
    assert _enter(places, STOCK, 1) == [False]  # its connection is at its sweep
    assert _enter(places, SWEEP, 3, 4) == [False, False]
    assert _next(places, ("stock.reconcile", 1)) == (("stock.push", 1), [("stock.reconcile", 3)])


def test_work_inside_waits_for_no_place_and_who_goes_on_is_asked_again() -> None:
    places = Places(3)
    assert _enter(places, PULL, 1) == [True]
    assert _enter(places, INGEST, 0) == [True]
    assert _enter(places, PULL, 1) == [False]
    assert places.leave(("orders.pull", 1)) is True
    assert places.hand_over() == (None, [])


def test_who_rests_gives_its_place_but_not_that_of_its_connection() -> None:
    places = Places(3)  # one place outside, three may rest
    assert _enter(places, SWEEP, 1) == [True]
    assert _enter(places, STOCK, 1, 2) == [False, False]
    assert places.rest(("stock.reconcile", 1)) == [("stock.push", 2)]
    assert _enter(places, STOCK, 1, 2) == [False, True]
    assert places.rest(("stock.push", 2)) == []
    assert _enter(places, PULL, 4) == [True]
    assert places.rest(("orders.pull", 4)) == []
    assert _enter(places, PULL, 5) == [True]
    assert places.rest(("orders.pull", 5)) is None
    places.wake(("stock.push", 2))
    assert places.rest(("orders.pull", 5)) == []
