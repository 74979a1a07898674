"""Twelve connections under every kind of fault, in the scaled form: nothing lost, doubled, oversold or drifted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.chaos import chaos
from bench.forms import scaled
from bench.isolation_round import waits
from bench.places import SERVER, Server, plain, servers
from connectors.kit import registry
from connectors.kit.practice.sandbox import FAULTS
from hub.ports.channel import Can

pytestmark = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.timeout(900)]
ORDERS = 100
ZEROS = ("lost", "duplicated", "oversold_units", "held", "stock_drift", "ledger_mismatches", "deadlocks")


@pytest.fixture
def server(postgres_server_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv(SERVER, plain(postgres_server_url))
    with servers("pg") as made:
        yield made


def test_every_channel_under_every_fault_comes_to_rest_with_every_zero(server: Server, rabbitmq_url: str) -> None:
    result = chaos(server, rabbitmq_url, ORDERS, 3, print)
    assert result["wrong"] == []
    assert {name: result[name] for name in ZEROS} == dict.fromkeys(ZEROS, 0)
    assert result["placed"] == result["imported"] >= ORDERS
    assert result["shipped"] + result["cancelled"] + result["refused_short"] == result["placed"]
    assert set(result["faults"]) == set(FAULTS)
    with_orders = [name for name in registry.names() if Can.PULL_ORDERS in registry.spec(name).can]
    assert result["connections"] == len(with_orders) == 12


def test_a_connection_that_answers_429_for_its_whole_life_stops_no_order_and_no_number_of_the_others(
    server: Server, rabbitmq_url: str
) -> None:
    with scaled(server, rabbitmq_url) as hub:
        found = waits(hub, 24, 5, throttled=True)
    assert len(found.orders) == 24
    assert len(found.by_name["pushes"]) >= 12
    assert found.refused > 0
