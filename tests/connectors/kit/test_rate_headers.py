"""Headers that say when the next call may come, and those that say nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.kit.wire.rate_headers import used_up

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "headers", "wait"),
    [
        ("three headers", {"ratelimit-limit": "100", "ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30.0),
        ("as a time", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW.timestamp() + 90:.0f}"}, 90.0),
        ("in ms", {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOW.timestamp() * 1000 + 2500:.0f}"}, 2.5),
        ("with a fraction", {"x-ratelimit-remaining": " 0 ", "x-ratelimit-reset": "0.25"}, 0.25),
        ("one header", {"ratelimit": '"default";r=0;t=12'}, 12.0),
        ("one header, some left", {"ratelimit": '"default";r=50;t=12'}, None),
        ("one header without a time", {"ratelimit": '"default";r=0'}, None),
        ("some are left", {"ratelimit-remaining": "1", "ratelimit-reset": "30"}, None),
        ("no time is named", {"ratelimit-remaining": "0"}, None),
        ("the time is past", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW.timestamp() - 9:.0f}"}, None),
        ("more than a day", {"ratelimit-remaining": "0", "ratelimit-reset": "90000"}, None),
        ("no number", {"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, None),
        ("nothing", {}, None),
    ],
)
def test_only_what_is_clear_closes(_case: str, headers: dict[str, str], wait: float | None) -> None:
    assert used_up(headers, NOW) == (None if wait is None else pytest.approx(wait))
