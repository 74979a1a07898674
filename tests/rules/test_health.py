"""One word for a stream and a channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.rules.health import Health, Pulse, channel_health, stream_health

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINE = Pulse(paused=False, failures=0, ok_at=NOW, due_at=NOW, every_s=60, waits=True)


@pytest.mark.parametrize(
    ("_case", "changed", "word"),
    [
        ("as planned", {}, "on_time"),
        ("never ran", {"ok_at": None}, "starting"),
        ("never had to", {"ok_at": None, "waits": False}, "on_time"),
        ("failed once", {"failures": 1}, "retrying"),
        ("failed twice", {"failures": 2}, "retrying"),
        ("failed three times", {"failures": 3}, "error"),
        ("a minute late is fine", {"due_at": NOW - timedelta(seconds=60)}, "on_time"),
        ("later is not", {"due_at": NOW - timedelta(seconds=61)}, "delayed"),
        ("slow streams have their own pace", {"due_at": NOW - timedelta(seconds=900), "every_s": 900}, "on_time"),
        ("late without work is fine", {"due_at": NOW - timedelta(days=1), "waits": False}, "on_time"),
        ("paused", {"paused": True, "failures": 5, "held": True}, "paused"),
        ("the channel allows no calls", {"held": True, "failures": 5}, "throttled"),
        ("it has none to make", {"held": True, "waits": False}, "on_time"),
        ("the breaker keeps zeros back", {"breaker": True}, "needs_person"),
        ("it keeps zeros back and failed once", {"breaker": True, "failures": 1}, "needs_person"),
        ("it fails, whatever waits", {"breaker": True, "failures": 3}, "error"),
        ("zeros wait and no calls are allowed", {"breaker": True, "failures": 3, "held": True}, "needs_person"),
        ("it never ran well, as its channel refuses it", {"ok_at": None, "refused": True}, "on_time"),
        ("a person stopped it, whatever waits", {"paused": True, "breaker": True}, "paused"),
    ],
)
def test_a_stream_has_one_word(_case: str, changed: dict[str, object], word: Health) -> None:
    assert stream_health(replace(FINE, **changed), NOW) == word  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "words", "word"),
    [
        ("active", ["on_time", "error", "retrying"], "error"),
        ("active", ["on_time", "paused"], "paused"),
        ("active", [], "starting"),
        ("paused", ["error"], "paused"),
        ("auth_failed", ["on_time"], "needs_person"),
    ],
)
def test_a_channel_is_as_well_as_its_worst_stream(state: str, words: list[Health], word: Health) -> None:
    assert channel_health(state, words) == word
