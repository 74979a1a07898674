"""Idempotency keys on both databases: one effect, the same bytes, whoever repeats, crashes or comes late."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.canonical.errors import BadInput, ChannelDown, Conflict, Rejected
from hub.store import tables as t
from hub.usecases.change_stock import adjust_stock
from hub.usecases.context import Context
from hub.usecases.housekeeping import clean
from hub.usecases.idempotency import LEASE, Answer, Asked, once
from tests.api.conftest import Api

TWINS = 50
RECEIPT: dict[str, Any] = {"sku": "A", "warehouse": "W1", "quantity": 5}
ASKED = Asked("key:1 POST /x", "k", "digest")


def _moves(api: Api) -> int:
    with api.world.db.read() as db:
        return db.scalar(select(func.count()).select_from(t.stock_ledger)) or 0


def _give(ctx: Context, pieces: int = 5) -> Answer:
    adjust_stock(ctx, "A", "W1", pieces, reason="r", actor="test", key=f"given-{pieces}")
    return Answer(201, b"given")


def _no(error: Rejected) -> Answer:
    return Answer(error.status, str(error).encode())


def test_the_same_request_again_has_no_second_effect_and_gets_the_same_bytes(both: Api) -> None:
    program = both.key()
    headers = {"Idempotency-Key": "receipt-1"}
    first = program.post("/stock/receipts", json=RECEIPT, headers=headers)
    both.world.clock.move(days=6)
    again = program.post("/stock/receipts", json=RECEIPT, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert first.json()["balance"]["on_hand"] == 5
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert (both.world.balance("A", "W1"), _moves(both)) == ((5, 0), 1)


def test_a_refusal_is_an_answer_too(both: Api) -> None:
    program = both.key()
    body, headers = {"sku": "A", "warehouse": "W1", "by": -1, "reason": "broken"}, {"Idempotency-Key": "k"}
    first = program.post("/stock/adjustments", json=body, headers=headers)
    both.world.stock("A", "W1", 3)
    again = program.post("/stock/adjustments", json=body, headers=headers)
    assert (first.status_code, first.headers["content-type"]) == (409, "application/problem+json")
    assert (again.status_code, again.content) == (409, first.content)
    assert again.headers["content-type"] == "application/problem+json"
    assert both.world.balance("A", "W1") == (3, 0)


@pytest.mark.parametrize(
    ("_case", "path", "body"),
    [
        ("another body", "/stock/receipts", RECEIPT | {"quantity": 6}),
        ("another query", "/stock/receipts?x=1", RECEIPT),
    ],
)
def test_another_request_with_the_same_key_is_refused(_case: str, path: str, body: Any, both: Api) -> None:
    program = both.key()
    headers = {"Idempotency-Key": "k"}
    assert program.post("/stock/receipts", json=RECEIPT, headers=headers).status_code == 201
    answer = program.post(path, json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "Idempotency-Key 'k' was used for another request: take a new key for a new request"
    )
    assert _moves(both) == 1


def test_a_key_stands_for_one_asker_and_one_route(both: Api) -> None:
    ada, bob = both.key(), both.key()
    headers = {"Idempotency-Key": "k"}
    for program in (ada, bob, ada, bob):
        assert program.post("/stock/receipts", json=RECEIPT, headers=headers).status_code == 201
    assert _moves(both) == 2
    counted = ada.post("/stock/counts", json={"sku": "A", "warehouse": "W1", "counted": 7}, headers=headers)
    assert (counted.status_code, counted.json()["difference"]) == (201, -3)


def test_the_same_key_for_another_order_is_another_request(both: Api) -> None:
    both.world.stock("A", "W1", 9)
    for ref in ("o1", "o2"):
        both.world.order(ref, A=1)
    program, headers = both.key(), {"Idempotency-Key": "k"}
    ids = [both.world.row(ref).id for ref in ("o1", "o2")]
    answers = [program.post(f"/orders/{each}/hold", json={"why": "w"}, headers=headers).status_code for each in ids]
    assert answers == [200, 422]


@pytest.mark.parametrize("key", ["", " ", "ä", "x" * 201, "a b"])
def test_a_key_that_cannot_be_one_is_refused(both: Api, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    answer = both.key().post("/stock/receipts", json=RECEIPT, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "header.idempotency-key" in answer.json()["detail"].lower()
    assert _moves(both) == 0


def test_fifty_twins_at_once_have_one_effect_and_one_answer(both: Api) -> None:
    program = both.key()
    headers = dict(program.headers) | {"Idempotency-Key": "twin"}
    start = threading.Barrier(TWINS)

    def ask(_number: int) -> tuple[int, bytes]:
        start.wait(60)
        answer = both.nobody().post("/stock/receipts", json=RECEIPT, headers=headers)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(TWINS) as pool:
        answers = list(pool.map(ask, range(TWINS)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    assert (both.world.balance("A", "W1"), _moves(both)) == ((5, 0), 1)
    again = program.post("/stock/receipts", json=RECEIPT, headers=headers)
    assert (201, again.content) in answers


def test_a_twin_that_comes_while_the_first_is_at_work_is_told_to_wait(both: Api) -> None:
    def act(ctx: Context) -> Answer:
        with pytest.raises(Conflict, match="is being worked on"):
            once(both.world.ctx, ASKED, _give, _no)
        with pytest.raises(BadInput, match="another request"):
            once(both.world.ctx, Asked(ASKED.scope, ASKED.key, "other"), _give, _no)
        return _give(ctx)

    assert once(both.world.ctx, ASKED, act, _no) == Answer(201, b"given")
    assert once(both.world.ctx, ASKED, act, _no) == Answer(201, b"given", again=True)
    assert _moves(both) == 1


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), ChannelDown("away"), KeyboardInterrupt()])
def test_what_fails_leaves_neither_effect_nor_key(both: Api, error: BaseException) -> None:
    def act(ctx: Context) -> Answer:
        _give(ctx)
        raise error

    both.world.bell.rung.clear()
    with pytest.raises(type(error)):
        once(both.world.ctx, ASKED, act, _no)
    assert (both.world.balance("A", "W1"), _moves(both), both.world.bell.rung) == ((0, 0), 0, [])
    assert once(both.world.ctx, ASKED, _give, _no) == Answer(201, b"given")
    assert _moves(both) == 1


def test_a_refusal_after_a_write_takes_the_write_back(both: Api) -> None:
    def act(ctx: Context) -> Answer:
        _give(ctx)
        raise Conflict("too late")

    assert once(both.world.ctx, ASKED, act, _no) == Answer(409, b"too late")
    assert once(both.world.ctx, ASKED, _give, _no) == Answer(409, b"too late", again=True)
    assert _moves(both) == 0


def test_the_key_of_a_process_that_died_is_taken_over_after_a_minute(both: Api) -> None:
    world = both.world
    row = {"scope": ASKED.scope, "key": ASKED.key, "request_hash": ASKED.digest, "status": 0, "body": b""}
    with world.db.write() as db:
        db.execute(t.idempotency_keys.insert().values(**row, created_at=world.clock.now))
    world.clock.now += LEASE
    with pytest.raises(Conflict):
        once(world.ctx, ASKED, _give, _no)
    world.clock.move(seconds=1)
    with pytest.raises(BadInput):
        once(world.ctx, Asked(ASKED.scope, ASKED.key, "other"), _give, _no)
    assert once(world.ctx, ASKED, _give, _no) == Answer(201, b"given")
    assert _moves(both) == 1


def test_who_was_slow_and_lost_the_key_has_no_effect(both: Api) -> None:
    world = both.world

    def slow(ctx: Context) -> Answer:
        world.clock.now += LEASE + timedelta(seconds=1)
        assert once(world.ctx, ASKED, _give, _no) == Answer(201, b"given")
        return _give(ctx, 7)

    assert once(world.ctx, ASKED, slow, _no).status == 409
    assert (world.balance("A", "W1"), _moves(both)) == ((5, 0), 1)
    assert once(world.ctx, ASKED, slow, _no) == Answer(201, b"given", again=True)


def test_who_was_slow_leaves_the_key_to_the_one_that_is_at_work_now(both: Api) -> None:
    world = both.world

    def slow(ctx: Context) -> Answer:
        world.clock.now += LEASE + timedelta(seconds=1)
        with world.db.write() as db:  # another took the key over and is not done yet
            db.execute(t.idempotency_keys.update().values(created_at=world.clock.now))
        return _give(ctx)

    assert once(world.ctx, ASKED, slow, _no).status == 409
    assert (world.balance("A", "W1"), [row.status for row in world.rows(t.idempotency_keys)]) == ((0, 0), [0])


def test_a_key_is_forgotten_after_seven_days(both: Api) -> None:
    program, headers = both.key(), {"Idempotency-Key": "k"}
    assert program.post("/stock/receipts", json=RECEIPT, headers=headers).status_code == 201
    both.world.clock.move(days=7, seconds=1)
    changed = RECEIPT | {"quantity": 6}
    assert program.post("/stock/receipts", json=changed, headers=headers).status_code == 201
    assert both.world.balance("A", "W1") == (11, 0)
    both.world.clock.move(days=7, seconds=1)
    clean(both.world.ctx)
    assert both.world.rows(t.idempotency_keys) == []


def test_doorbells_ring_once_after_the_commit(both: Api) -> None:
    world = both.world
    world.order("o1", A=3)
    seen: list[tuple[int, int]] = []
    world.bell.rung.clear()
    real = world.bell.ring

    def ring(work: str, connection_id: int | None = None) -> None:
        seen.append(world.balance("A", "W1"))
        real(work, connection_id)

    world.bell.ring = ring  # type: ignore[method-assign]
    for _ in range(2):
        both.key().post("/stock/receipts", json=RECEIPT)
    assert world.bell.rung == [("orders.place", None)]
    assert seen == [(5, 0)]
