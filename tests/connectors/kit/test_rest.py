"""One client for a REST API: every call says which shop is meant, and operations keep their distance."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses
from responses.matchers import query_param_matcher

from connectors.kit.settings import CALL_GAPS
from connectors.kit.trials import Trial, tried
from connectors.kit.wire.http import Bearer
from connectors.kit.wire.paging import Paging
from connectors.kit.wire.rest import RestClient
from hub.canonical.errors import Misconfigured, Throttled
from hub.ports.channel import Connection, ConnectorSpec, Field, Finding

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
URL = "https://shop.example/api"


class Client(RestClient):
    spec = ConnectorSpec(
        "s", "S", frozenset(), (Field("shop_url", ""), CALL_GAPS), calls_per_second=100.0,
        call_gaps_s={"LIST": 60.0, "FAST": 0.0},
    )  # fmt: skip
    patience_s = 0.0


def opened(shop: str = "7", **settings: str) -> Client:
    given = {"shop_url": "https://shop.example", **settings}
    connection = Connection(1, "s", "s", given, {"key": "the-key"})
    return Client(connection, lambda: NOW, "/api", auth=Bearer("the-key"), scope={"shop": shop})


@pytest.mark.parametrize(("shop", "query"), [("7", {"shop": "7", "page": "2"}), ("", {"page": "2"})])
@responses.activate
def test_every_call_says_which_shop_is_meant_where_one_is(shop: str, query: dict[str, str]) -> None:
    responses.get(f"{URL}/things", json={"ok": 1}, match=[query_param_matcher(query)])
    client = opened(shop)
    assert client.call("GET", "/things", params={"page": "2"}).data == {"ok": 1}
    assert responses.calls[0].request.headers["Authorization"] == "Bearer the-key"
    assert (client.now(), client.settings["shop_url"]) == (NOW, "https://shop.example")


@responses.activate
def test_calls_of_one_operation_keep_their_distance_and_others_do_not_wait() -> None:
    responses.get(f"{URL}/things", json={})
    client = opened()
    for gap in ("LIST", "FAST", "FAST", "", "other"):
        client.call("GET", "/things", gap=gap)
    with pytest.raises(Throttled):
        client.call("GET", "/things", gap="LIST")
    assert len(responses.calls) == 5


@responses.activate
def test_the_pages_of_one_list_are_one_use_of_its_operation() -> None:
    for at in range(3):
        matches = [query_param_matcher({"shop": "7", "kind": "x", "max": "1", "offset": str(at)})]
        responses.get(f"{URL}/things", json={"things": [{"id": at}], "total": 3}, match=matches)
    client, paging = opened(), Paging("max", "offset", 1)
    ask = client.asks("/things", {"kind": "x"}, gap="LIST")
    assert [row["id"] for row in paging.every(ask, "things")] == [0, 1, 2]
    with pytest.raises(Throttled):
        next(paging.every(client.asks("/things", {"kind": "x"}, gap="LIST"), "things"))


@responses.activate
def test_a_gap_that_was_agreed_goes_before_the_platforms_own() -> None:
    responses.get(f"{URL}/things", json={})
    client = opened(call_gaps="LIST=0")
    for _ in range(2):
        client.call("GET", "/things", gap="LIST")
    with pytest.raises(Misconfigured, match="call_gaps: 'LOST=5'"):
        opened(call_gaps="LOST=5")


@responses.activate
def test_its_permissions_are_tried_as_that_shop() -> None:
    responses.get(f"{URL}/things", status=403, match=[query_param_matcher({"shop": "7"})])
    missing = Finding("permission to read things", False, "grant it")
    assert list(tried(opened(), [Trial(missing, "GET", "/things")])) == [missing]
