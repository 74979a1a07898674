"""One word for how a stream or a channel does, from its times: on time, late, failing, or waiting for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Health = Literal["on_time", "starting", "retrying", "throttled", "delayed", "error", "paused", "needs_person"]
"""on_time: as planned. starting: never ran yet. retrying: failed once or twice, tries by itself. throttled: the channel
allows no calls until a time that it named. delayed: its time has passed and nobody ran it. error: failed three times or
more in a row. paused: by hand. needs_person: something waits until a person acts (credentials: all of it; the mass-zero
breaker: the zeros that it doubts).
"""

WORST: tuple[Health, ...] = (
    "needs_person", "error", "delayed", "throttled", "retrying", "paused", "starting", "on_time",
)  # fmt: skip
"""From the one that needs attention most to the one that needs none."""

FAILING = 3
"""Failures in a row after which a retry is called an error."""

PATIENCE = timedelta(seconds=60)
"""How long after its time a stream may start before it is late."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the word is made of.

    waits: it has work to do right now (a stream that only sends is late only then). held: its channel allows no calls.
    refused: the channel answered, and the answer was no: it runs as planned, and has no failure.
    """

    paused: bool
    failures: int
    ok_at: datetime | None
    due_at: datetime
    every_s: int
    waits: bool
    breaker: bool = False
    held: bool = False
    refused: bool = False


def stream_health(pulse: Pulse, now: datetime) -> Health:
    """The word of one stream whose connection is active."""
    if pulse.paused:
        return "paused"
    throttled = pulse.held and pulse.waits
    if pulse.failures >= FAILING and not throttled:
        return "error"
    if pulse.breaker:
        return "needs_person"
    if throttled:
        return "throttled"
    if pulse.failures:
        return "retrying"
    if pulse.waits and now > pulse.due_at + max(PATIENCE, timedelta(seconds=pulse.every_s)):
        return "delayed"
    return "on_time" if pulse.ok_at or pulse.refused or not pulse.waits else "starting"


def channel_health(state: str, streams: Iterable[Health]) -> Health:
    """The word of a connection: its own state first (active, paused, auth_failed), then its worst stream."""
    if state == "auth_failed":
        return "needs_person"
    if state == "paused":
        return "paused"
    found = set(streams)
    return next((word for word in WORST if word in found), "starting")
