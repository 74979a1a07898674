"""What the API refuses, and how: problem documents, bodies, and who asks too often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.api.limits import MOST, Buckets, TooManyRequests
from hub.api.parts import BODY_BYTES
from tests.api.conftest import Api


def _failures(program: TestClient, nobody: TestClient) -> dict[int, Any]:
    adjust = {"sku": "A", "warehouse": "W1", "by": -1, "reason": "r"}
    return {
        401: nobody.get("/orders"),
        403: program.post("/stock/adjustments", json=adjust),
        404: program.get("/orders/77"),
        405: program.patch("/orders"),
        413: program.post("/orders/1/hold", content=b"x" * 300_000, headers={"content-type": "application/json"}),
        422: program.get("/orders", params={"limit": 0}),
    }


def test_every_failure_is_a_problem_document(api: Api) -> None:
    failures = _failures(api.key("viewer"), api.nobody())
    for status, answer in failures.items():
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        body = answer.json()
        assert set(body) >= {"type", "title", "status", "detail", "instance", "code", "ref"}
        assert (body["status"], body["instance"]) == (status, answer.request.url.path)
        assert body["title"] and body["detail"] and body["ref"] == answer.headers["x-request-id"]


def test_a_body_without_a_length_is_cut_off_too(api: Api) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    program = api.key()
    key = {"Idempotency-Key": "k"}
    assert program.post("/connections/1/sync", content=endless(), headers=key).status_code == 413
    headers = {"content-type": "application/json"}
    assert program.post("/stock/counts", content=endless(), headers=headers).status_code == 413
    assert program.post("/connections/1/sync", content=b" " * BODY_BYTES, headers=key).status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"why": NaN}', b"[" * 2000])
def test_a_body_that_is_no_object_is_refused(content: bytes, api: Api) -> None:
    api.world.order("o1", A=1)
    answer = api.key().post("/orders/1/hold", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_asks_too_often_is_told_when_to_go_on_and_others_are_not_slowed(api: Api) -> None:
    now = 0.0
    api.app.state.api_buckets = Buckets(burst=60, per_second=2, clock=lambda: now)
    flood, other = api.key("viewer"), api.key("viewer")
    assert [flood.get("/self").status_code for _ in range(60)] == [200] * 60
    answer = flood.get("/self")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (answer.json()["code"], answer.headers["content-type"]) == ("too_many_requests", "application/problem+json")
    assert other.get("/audit").status_code == 200
    assert (other.get("/audit").status_code, other.get("/self").status_code) == (429, 200)
    now = 0.5
    assert (flood.get("/self").status_code, flood.get("/self").status_code) == (200, 429)


def test_a_bucket_fills_up_to_its_brim_and_is_forgotten_when_full() -> None:
    now = 0.0
    buckets = Buckets(burst=2, per_second=1, clock=lambda: now)
    for _ in range(2):
        buckets.take("a")
    with pytest.raises(TooManyRequests) as refused:
        buckets.take("a", 2)
    assert refused.value.retry_after == 2.5
    now = 100.0
    buckets.take("a", 2)
    with pytest.raises(TooManyRequests):
        buckets.take("a")
    for number in range(MOST):
        buckets.take(f"n{number}")
    now = 200.0
    buckets.take("last")
    assert len(buckets._left) == 1
