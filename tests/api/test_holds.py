"""Over the API: what nobody can read, and no order waits for, is put aside."""

from __future__ import annotations

from hub.store import tables as t
from hub.usecases.pull_refunds import pull_refunds
from tests.api.conftest import Api
from tests.fakes.channel import payload, refund


def test_a_refund_that_nobody_can_read_is_put_aside_and_an_order_never(both: Api) -> None:
    world = both.world
    world.shop.refunds = [refund("r1", "o1", "a lot")]
    pull_refunds(world.ctx, world.shop_id)
    world.arrive(payload("h1", {"l1": ("L-NEW", 1)}))
    program = both.key("operator")
    marks = {row["kind"]: row["fingerprint"] for row in program.get("/holds").json()["data"]}
    mark, other = marks["bad_record"], marks["unknown_sku"]
    causes = [program.get("/holds/cause", params={"fingerprint": one}).json() for one in (mark, other)]
    assert [cause["may_be_dismissed"] for cause in causes] == [True, False]
    assert both.key("viewer").post("/holds/dismiss", json={"fingerprint": mark}).status_code == 403
    assert program.post("/holds/dismiss", json={"fingerprint": mark}).json() == {"count": 1}
    refused = program.post("/holds/dismiss", json={"fingerprint": other})
    assert (refused.status_code, "an order waits" in refused.json()["detail"]) == (409, True)
    assert program.post("/holds/dismiss", json={"fingerprint": mark}).status_code == 404
    assert (world.holds(), world.holds("dismissed")) == ([other], [mark])
    assert [row.state for row in world.rows(t.inbox, t.inbox.c.ref == "r1")] == ["ignored"]
