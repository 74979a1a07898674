"""Four hands at work at once, in real threads: whenever all of them pause, the promises of the hub hold."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.machine.book import play, scripts
from tests.machine.company import Company
from tests.machine.databases import KINDS, opener
from tests.machine.founded import Founded

HANDS = 4
Script = Sequence[tuple[str, dict[str, Any]]]


def at_once(company: Company, hands: Sequence[Script]) -> list[BaseException]:
    """Each hand plays its script in a thread of its own, all from the same moment on; what went wrong.

    A deadlock is an OperationalError, and is among them: nobody here tries anything again.
    """
    gate = threading.Barrier(len(hands))

    def run(script: Script) -> BaseException | None:
        gate.wait()
        for name, numbers in script:
            try:
                play(company, name, numbers)
            except BaseException as error:  # noqa: BLE001 - handed to the test, with the act that raised it
                error.add_note(f"in {name}({numbers})")
                return error
        return None

    with ThreadPoolExecutor(len(hands)) as pool:
        return [error for error in pool.map(run, hands) if error is not None]


class Crowd(Founded):
    """Its one rule: all hands play what was drawn for them."""

    alone = False

    @rule(hands=st.lists(scripts(8), min_size=HANDS, max_size=HANDS))
    def work(self, hands: Sequence[Script]) -> None:
        found = at_once(self.company, hands)
        if found:
            raise found[0]


@pytest.mark.timeout(5400)
@pytest.mark.parametrize("kind", KINDS)
def test_the_promises_hold_whenever_four_hands_pause(kind: str, request: pytest.FixtureRequest, full: bool) -> None:
    Crowd.databases = staticmethod(opener(kind, request))
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Crowd,
        settings=settings(
            max_examples=60 if full else 4, stateful_step_count=12 if full else 6, deadline=None,
            derandomize=not full, suppress_health_check=list(HealthCheck), database=None,
            phases=[Phase.generate],  # threads do not repeat themselves: what they broke is not made smaller
        ),
    )  # fmt: skip
