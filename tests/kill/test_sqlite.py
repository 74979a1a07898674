"""`stockline up` on SQLite, killed at every point."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hub.ports.failpoints import POINTS
from hub.settings import load
from tests.kill.campaign import Campaign, embedded_plan


@pytest.mark.kill
@pytest.mark.timeout(5400)
def test_one_process_on_sqlite_survives_a_kill_at_every_point(tmp_path: Path, full: bool) -> None:
    times = 5 if full else 2
    settings = load(data_dir=tmp_path / "data", database_url="", broker_url="")
    kills = Campaign(settings, tmp_path, embedded_plan(times), cold=full).run()
    assert Counter(kill.point for kill in kills) == dict.fromkeys(POINTS, times)
