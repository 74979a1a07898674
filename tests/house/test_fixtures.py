"""The servers that tests ask for are real, and each test process has its own corner of them."""

import socket
from collections.abc import Callable

import psycopg
import pytest
from kombu import Connection

from tests.fixtures.network import OutsideConnection
from tests.fixtures.options import usual
from tools.postgres_wheel import running_server


def _version(url: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.info.server_version


@pytest.mark.postgres
def test_the_database_is_postgresql_15_or_newer(postgres_url: str) -> None:
    assert _version(postgres_url) >= 150000


@pytest.mark.postgres
def test_each_new_database_has_a_name_of_its_own(new_postgres_url: Callable[[], str], postgres_url: str) -> None:
    assert len({new_postgres_url(), new_postgres_url(), postgres_url}) == 3


@pytest.mark.postgres
def test_the_server_of_the_wheel_starts_here_and_leaves_nothing() -> None:
    with running_server() as url:
        assert _version(url) >= 180000
    with pytest.raises(psycopg.OperationalError):
        _version(url)


@pytest.mark.rabbitmq
def test_a_message_goes_through_the_broker_and_comes_back(rabbitmq_url: str, queue_prefix: str) -> None:
    name, options = f"{queue_prefix}echo", {"auto_delete": True}
    with Connection(rabbitmq_url) as connection, connection.SimpleQueue(name, queue_opts=options) as queue:
        queue.put({"there_is": "work"})
        message = queue.get(timeout=10)
        message.ack()
    assert message.payload == {"there_is": "work"}


def test_a_connection_to_the_outside_is_refused() -> None:
    with socket.socket() as client, pytest.raises(OutsideConnection, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 9))


@pytest.mark.parametrize(("ci", "shops"), [("true", "sqlite"), ("", "none")])
def test_a_real_shop_is_part_of_every_run_on_ci(monkeypatch: pytest.MonkeyPatch, ci: str, shops: str) -> None:
    monkeypatch.setenv("CI", ci)
    assert usual() == shops
