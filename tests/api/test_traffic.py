"""Over the API: single SKUs and orders at once, and past days again."""

from __future__ import annotations

from hub.store import tables as t
from hub.usecases.backfill_orders import backfill_orders
from tests.api.conftest import Api
from tests.fakes.channel import payload


def test_a_sku_goes_at_once_and_the_same_key_gets_the_same_answer(api: Api) -> None:
    world, program = api.world, api.key()
    world.know_empty()
    world.stock("B", "W1", 7)
    headers = {"Idempotency-Key": "now-1"}
    first = program.post("/connections/push", json={"skus": ["B"]}, headers=headers)
    assert first.status_code == 200, first.text
    assert {one["listing_ref"]: (one["state"], one["number"], one["why"]) for one in first.json()["items"]} == {
        "L-B": ("accepted", 7, ""), "L-KIT": ("accepted", 0, "")
    }  # fmt: skip
    calls = world.shop.calls["push_stock"]
    again = program.post("/connections/push", json={"skus": ["B"]}, headers=headers)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert world.shop.calls["push_stock"] == calls
    answer = program.post(f"/connections/{world.shop_id}/push", json={"skus": ["NONE"]})
    assert (answer.status_code, "there is no SKU" in answer.json()["detail"]) == (404, True)


def test_an_order_is_read_at_once(api: Api) -> None:
    world, program = api.world, api.key()
    world.shop.orders = [payload("1001", {"a1": ("L-A", 1)})]
    url = f"/connections/{world.shop_id}/orders/fetch"
    assert program.post(url, json={"number": "1001"}).json() == {"ref": "1001", "new": True}
    assert program.post(url, json={"number": "1001"}).json() == {"ref": "1001", "new": False}
    assert program.post(url, json={"number": "1002"}).status_code == 404


def test_past_days_are_read_again_followed_and_cancelled(api: Api) -> None:
    world, program = api.world, api.key()
    url = f"/connections/{world.shop_id}/backfills"
    body = {"since": "2026-11-01T00:00:00+01:00", "until": "2026-11-15T00:00:00Z"}
    asked = program.post(url, json=body)
    assert asked.status_code == 201, asked.text
    (found,) = asked.json()["items"]
    assert (found["state"], found["since"], found["new"]) == ("running", "2026-10-31T23:00:00Z", 0)
    assert program.post(url, json=body).status_code == 409
    assert program.post(f"{url}/cancel").json()["items"][0]["state"] == "cancelled"
    world.shop.orders = [payload("o1", {"a1": ("L-A", 1)}, "2026-11-03T08:00:00Z")]
    program.post(url, json=body)
    backfill_orders(world.ctx, world.shop_id)
    done = program.get(url).json()["items"][0]
    assert (done["state"], done["new"], done["known"]) == ("done", 1, 0)
    assert program.post(url, json={"since": "2026-11-01"}).status_code == 422


def test_a_stream_begins_anew_and_only_one_that_has_a_place(api: Api) -> None:
    world, program = api.world, api.key()
    orders = t.streams.c.stream == "orders"
    with world.db.write() as db:
        db.execute(t.streams.update().where(orders).values(cursor="garbage", failures=4, error="cursor = 'garbage'"))
    url = f"/connections/{world.shop_id}/streams"
    streams = {one["stream"]: one for one in program.post(f"{url}/orders/restart").json()["streams"]}
    assert (streams["orders"]["failures"], world.rows(t.streams, orders)[0].cursor) == (0, None)
    program.post(f"{url}/orders/restart", json={"since": "2026-11-01T01:00:00+01:00"})
    assert world.rows(t.streams, orders)[0].cursor == "2026-11-01T00:00:00Z"
    assert program.post(f"{url}/listings/restart").status_code == 422
    assert program.post("/connections/999/streams/orders/restart").status_code == 404
