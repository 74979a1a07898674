"""Logs carry no secret, no personal data, no stack values, and no forged line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from hub import logs
from hub.canonical.errors import AuthFailed, BadRecord

CANARIES = ("ada@example.com", "hunter2", "+49 151 0000", "Ada Lovelace", "sk_live_1", "Rue 7")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    logs.set_up("info", "json", stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def _read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_its_time_and_level(lines: io.StringIO) -> None:
    structlog.get_logger("hub").info("work.done", work="inbox.ingest", records=3)
    (entry,) = _read(lines)
    assert (entry["event"], entry["level"], entry["work"], entry["records"]) == ("work.done", "info", "inbox.ingest", 3)
    assert entry["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("_case", "fields"),
    [
        ("by name", {"email": CANARIES[0], "password": CANARIES[1], "phone": CANARIES[2]}),
        ("nested", {"order": {"buyer": {"name": CANARIES[3]}, "lines": [CANARIES[5]]}}),
        ("inside a text", {"why": "told ada@example.com, see amqp://guest:hunter2@host and ?token=sk_live_1"}),
        ("a header", {"sent": "Authorization: Bearer sk_live_1"}),
        ("a channel's secret", {"access_token": CANARIES[4], "X-Hub-Signature": CANARIES[1]}),
    ],
)
def test_canaries_are_hidden(_case: str, fields: dict[str, Any], lines: io.StringIO) -> None:
    structlog.get_logger("hub").warning("order.held", **fields)
    assert lines.getvalue().count("\n") == 1
    for canary in CANARIES:
        assert canary not in lines.getvalue()
    assert logs.HIDDEN in lines.getvalue()


def test_a_stranger_exception_shows_its_kind_and_places_but_not_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("parameters: ('Ada Lovelace', 'ada@example.com')")
    except ValueError:
        structlog.get_logger("hub").exception("work.failed")
    (entry,) = _read(lines)
    assert entry["error"] == "ValueError"
    assert entry["where"][-1].endswith("test_a_stranger_exception_shows_its_kind_and_places_but_not_its_words")
    assert "Ada" not in lines.getvalue()


def test_an_error_of_ours_keeps_its_sentence_but_a_bad_record_hides_its_value() -> None:
    assert logs.describe(AuthFailed("the token was refused")) == "AuthFailed: the token was refused"
    assert logs.describe(BadRecord("buyer.name", "Ada Lovelace", "too long")) == "BadRecord: buyer.name: too long"


def test_a_library_that_logs_an_exception_is_cleaned_too(lines: io.StringIO) -> None:
    try:
        raise RuntimeError("ada@example.com")
    except RuntimeError:
        logging.getLogger("celery.worker").exception("task %s raised", "orders.pull")
    (entry,) = _read(lines)
    assert (entry["event"], entry["error"]) == ("task orders.pull raised", "RuntimeError")


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_break_cannot_forge_a_second_line(form: str, lines: io.StringIO) -> None:
    logs.set_up("info", form, lines)
    structlog.get_logger("hub").info("hook.refused", topic="x\r\n2026-01-01 info   all.well\u2028\x1b[2J")
    assert len(lines.getvalue().splitlines()) == 1
    assert "\x1b" not in lines.getvalue()


def test_libraries_speak_from_warnings_on(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info("GET /first/one-time-link")
    logging.getLogger("kombu.connection").warning("connection lost")
    assert [entry["event"] for entry in _read(lines)] == ["connection lost"]


def test_looks_that_are_left_out_on_a_busy_machine_fill_no_log(lines: io.StringIO) -> None:
    scheduler = logging.getLogger("apscheduler.scheduler")
    scheduler.warning("Execution of job skipped: maximum number of running instances reached (1)")
    scheduler.error("a job failed")
    assert [entry["level"] for entry in _read(lines)] == ["error"]
