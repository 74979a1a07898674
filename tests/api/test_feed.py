"""The stock feed through the API, with a dealer's key."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput, NotFound
from hub.rules.permissions import SYSTEM
from hub.usecases.api_keys import create_key
from hub.usecases.manage_users import create_user
from tests.api.conftest import Api


def test_a_dealer_fetches_numbers_and_acknowledges_them(both: Api) -> None:
    both.world.know_empty()
    both.world.stock("A", "W1", 7)
    dealer = both.key("feed")
    first = dealer.get("/connections/shop/stock/changes?limit=1").json()
    assert len(first["items"]) == 1
    rest = dealer.get("/connections/shop/stock/changes", params={"after": first["next_after"]}).json()
    items = {item["listing_ref"]: item for item in (*first["items"], *rest["items"])}
    assert (rest["next_after"], len(items), items["L-A"]["available"], items["L-A"]["sku"]) == (None, 4, 7, "A")
    both.world.stock("A", "W1", 1)
    taken = {"items": [{"id": item["id"], "version": item["version"]} for item in items.values()]}
    answer = dealer.post("/connections/shop/stock/ack", json=taken).json()
    kit = items["L-KIT"]["id"]
    assert answer == {"done": 2, "newer": sorted([items["L-A"]["id"], kit], key=int), "unknown": []}
    again = dealer.get("/connections/shop/stock/changes").json()["items"]
    assert {item["listing_ref"]: item["available"] for item in again} == {"L-A": 8, "L-KIT": 0}


def test_a_dealers_key_opens_its_own_feed_and_nothing_else(api: Api) -> None:
    api.world.connect("other")
    dealer = api.key("feed")
    assert dealer.get("/connections/other/stock/changes").status_code == 403
    assert dealer.get("/connections/nope/stock/changes").status_code == 403
    assert dealer.post("/connections/other/stock/ack", json={"items": [{"id": "1", "version": "1"}]}).status_code == 403
    assert dealer.get("/connections").status_code == 403
    assert dealer.get("/stock").status_code == 403
    assert dealer.get("/self").json()["permissions"] == ["feed.read"]
    assert api.key("operator").get("/connections/nope/stock/changes").status_code == 404


def test_a_feed_key_needs_its_connection_and_no_other_key_has_one(api: Api) -> None:
    ctx = api.world.ctx
    for role, connection_id in (("feed", None), ("viewer", api.world.shop_id)):
        with pytest.raises(BadInput, match="is made for one connection, and only such a key"):
            create_key(ctx, SYSTEM, "dealer", role, connection_id=connection_id)
    with pytest.raises(NotFound, match="there is no connection 999"):
        create_key(ctx, SYSTEM, "dealer", "feed", connection_id=999)
    with pytest.raises(BadInput, match="no role 'feed'; there are: admin, operator, warehouse, viewer"):
        create_user(ctx, SYSTEM, "dealer", "feed")
