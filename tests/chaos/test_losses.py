"""Broker and database sessions are taken away under traffic; the scaled form goes on by itself once they are back."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from hub.settings import load
from tests.fixtures.need import skip_or_fail
from tests.kill.campaign import Campaign, LanePlan
from tests.kill.processes import Nursery
from tests.kill.stage import Stage, wait_until

pytestmark = [pytest.mark.kill, pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.timeout(400)]
FORM: list[LanePlan] = [("web", ["web"], []), ("worker", ["worker"], []), ("scheduler", ["scheduler"], [])]
STRIKES, BETWEEN_S = 12, 0.5
AWAY_S = 3.0
BACK_S = 40.0


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """The imports of the hub's processes, once for this file."""
    nursery = Nursery()
    yield nursery
    nursery.close()


def _control(*arguments: str) -> None:
    done = subprocess.run(["rabbitmqctl", "-q", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def _own_vhost(url: str) -> str:
    """The virtual host that is ours alone; skips where the broker is shared."""
    name = url.rpartition("/")[2]
    if not name.startswith("stockline_test_") or shutil.which("rabbitmqctl") is None:
        skip_or_fail("no virtual host of our own on this broker: its connections are not ours to close")
    return name


def _placed(stage: Stage) -> int:
    """How many orders the hub has."""
    with stage.world.context.db.read() as db:
        return int(db.scalar(text("SELECT count(*) FROM orders")) or 0)


def _works(stage: Stage, seconds: float) -> None:
    """Wait until the hub has five more orders than now."""
    before = _placed(stage)
    assert wait_until(lambda: _placed(stage) >= before + 5, seconds), "the hub did not go on"


def test_a_broker_that_closes_every_connection_and_then_forgets_everything(
    tmp_path: Path, new_postgres_url: Callable[[], str], rabbitmq_url: str, queue_prefix: str, nursery: Nursery
) -> None:
    vhost = _own_vhost(rabbitmq_url)

    def disturb(stage: Stage) -> None:
        _works(stage, BACK_S)
        for _ in range(2):
            _control("close_all_connections", "--vhost", vhost, "chaos")
            time.sleep(1.0)
        _works(stage, BACK_S)
        _control("delete_vhost", vhost)
        time.sleep(AWAY_S)
        _control("add_vhost", vhost)
        _control("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
        _works(stage, BACK_S)

    settings = load(
        data_dir=tmp_path / "data", database_url=new_postgres_url(), broker_url=rabbitmq_url, queue_prefix=queue_prefix
    )
    assert Campaign(settings, tmp_path, FORM, nursery=nursery).run(disturb) == []


def test_a_database_that_ends_every_session_twice_a_second(
    tmp_path: Path,
    postgres_server_url: str,
    new_postgres_url: Callable[[], str],
    rabbitmq_url: str,
    queue_prefix: str,
    nursery: Nursery,
) -> None:
    url = new_postgres_url()
    strike = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = %s AND application_name <> 'stage'"""
    ended = 0

    def disturb(stage: Stage) -> None:
        nonlocal ended
        _works(stage, BACK_S)
        with psycopg.connect("postgresql://" + postgres_server_url.partition("://")[2], autocommit=True) as admin:
            for _ in range(STRIKES):
                row = admin.execute(strike, [url.rpartition("/")[2]]).fetchone()
                ended += int(row[0]) if row else 0
                time.sleep(BETWEEN_S)
        _works(stage, BACK_S)

    settings = load(data_dir=tmp_path / "data", database_url=url, broker_url=rabbitmq_url, queue_prefix=queue_prefix)
    campaign = Campaign(settings, tmp_path, FORM, stage_url=url + "?application_name=stage", nursery=nursery)
    assert campaign.run(disturb) == []
    assert ended >= STRIKES
