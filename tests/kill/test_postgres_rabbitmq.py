"""Web, two workers and a scheduler on PostgreSQL and RabbitMQ, killed at every point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.ports.failpoints import POINTS
from hub.settings import load
from tests.kill.campaign import Campaign, scaled_plan


@pytest.mark.kill
@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.timeout(5400)
def test_the_scaled_form_survives_a_kill_of_any_process_at_every_point(
    tmp_path: Path, full: bool, new_postgres_url: Callable[[], str], rabbitmq_url: str, queue_prefix: str
) -> None:
    times = 5 if full else 2
    settings = load(
        data_dir=tmp_path / "data", database_url=new_postgres_url(), broker_url=rabbitmq_url, queue_prefix=queue_prefix
    )
    kills = Campaign(settings, tmp_path, scaled_plan(times), cold=full).run()
    assert Counter(kill.point for kill in kills) == dict.fromkeys(POINTS, times)
