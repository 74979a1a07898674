"""Each field of each call is held to what its platform publishes: one that both sides spell otherwise is found.

A connector and its sandbox may be wrong in the same way; then only the specification knows better. Here every field of
every exchange is spelled otherwise, one at a time. What the specification does not name, so that nothing is found, is
in `OPEN`, with the reason.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from connectors.kit import registry
from connectors.kit.practice.server import Reply, Request
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.channel import Can, StockLine
from tests.connectors.contract import ITEMS, SHOPPER, HeldContract
from tests.connectors.harness import connection_to
from tests.connectors.test_every_shop import CONTRACTS

pytestmark = pytest.mark.data
HELD = [contract for contract in CONTRACTS if issubclass(contract, HeldContract)]
Exchange = tuple[Request, Reply]
Path = tuple[str | int, ...]
OPEN: Mapping[str, tuple[str, ...]] = {
    "medusa": ("metadata stockline_parcel",),
    "woocommerce": ("_links self", "meta_data value"),
}
"""Channel -> what its specification leaves open: our own notes in a shop's free data, and links, which nobody reads."""


@pytest.mark.parametrize("made", HELD, ids=lambda contract: contract.__name__.removeprefix("Test"))
def test_a_field_that_is_spelled_otherwise_is_found(made: type[HeldContract]) -> None:
    contract = made()
    spec, sandbox = contract.specification(), contract.make_sandbox()
    assert isinstance(sandbox, ShopSandbox)
    seen = _exchanges(contract, sandbox)
    assert [fault for exchange in seen for fault in spec.faults(*exchange)] == []
    tried, unfound = set[str](), set[str]()
    for exchange in seen:
        for what, spoiled in _spoiled(exchange):
            if what not in tried:
                tried.add(what)
                unfound |= set() if spec.faults(*spoiled) else {what}
    assert len(tried) > 40
    left_open = OPEN.get(sandbox.channel, ())
    assert {what for what in unfound if not any(part in what for part in left_open)} == set()
    assert [part for part in left_open if not any(part in what for what in unfound)] == []


def _exchanges(contract: HeldContract, sandbox: ShopSandbox) -> list[Exchange]:
    """What a connector and its shop tell each other, from the check to the parcel and the refusal."""
    seen: list[Exchange] = []
    sandbox.start()
    try:
        sandbox.stock_shelves(ITEMS)
        skus = [("MUG-RED", 2), ("TEA-GREEN", 1)]
        ref, other = sandbox.place_order(SHOPPER, skus), sandbox.place_order(SHOPPER, skus[:1])
        sandbox.server.watch = lambda request, reply: seen.append((request, reply))
        channel = registry.build(connection_to(sandbox))
        channel.check()
        list(channel.pull_orders(None))
        channel.fetch_order(ref)
        offers = list(channel.pull_listings())
        lines = [StockLine(one.listing_ref, 3, f"stock:1:{one.sku}:1", one.sku, None, one.place) for one in offers]
        channel.push_stock(lines)
        list(channel.read_stock(lines))
        order, unwanted = contract.order(channel, ref), contract.order(channel, other)
        if Can.ACCEPT_ORDER in channel.spec.can:
            channel.answer_order(contract.word(order, accepted=True), key="yes")
        channel.push_shipment(contract.dispatch(order, "S1", [0], final=False), key="ship:1:S1")
        channel.push_shipment(contract.dispatch(order, "S2", [1], final=True), key="ship:1:S2")
        if Can.REFUSE_ORDER in channel.spec.can:
            channel.answer_order(contract.word(unwanted, accepted=False), key="no")
    finally:
        sandbox.server.watch = None
        sandbox.stop()
    return seen


def _spoiled(exchange: Exchange) -> Iterator[tuple[str, Exchange]]:
    """(call, side and name of the field; the exchange with that field spelled otherwise)."""
    request, reply = exchange
    call = _call(request)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        for name in form:
            body = urlencode({f"{key}X" if key == name else key: text for key, text in form.items()}).encode()
            yield (
                f"{call} asks {name}",
                (Request(request.method, request.path, request.query, request.headers, body), reply),
            )
    for path, changed in _renamed(_decoded(request.body)):
        body = json.dumps(changed).encode()
        yield (
            f"{call} asks {path}",
            (Request(request.method, request.path, request.query, request.headers, body), reply),
        )
    for path, changed in _renamed(_decoded(reply.body)):
        body = json.dumps(changed).encode()
        yield f"{call} gives {reply.status} {path}", (request, Reply(reply.status, body, reply.headers))


def _call(request: Request) -> str:
    form = dict(parse_qsl(request.body.decode("latin-1"))) if b"=" in request.body[:200] else {}
    name = form.get("method") or form.get("type") or request.query.get("method")
    parts = ["{}" if any(letter.isdigit() for letter in part) else part for part in request.path.split("/")]
    return name or f"{request.method} {'/'.join(parts)}"


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _renamed(body: Any) -> Iterator[tuple[str, Any]]:
    """Each field by its path, with the body in which the first one there is spelled otherwise."""
    done = set[str]()
    for path in _paths(body):
        told = " ".join(str(step) for step in path if isinstance(step, str))
        if told not in done:
            done.add(told)
            changed = copy.deepcopy(body)
            here = changed
            for step in path[:-1]:
                here = here[step]
            here[f"{path[-1]}X"] = here.pop(path[-1])
            yield told, changed


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        if isinstance(value, dict):
            yield (*above, key)
        yield from _paths(child, (*above, key))
