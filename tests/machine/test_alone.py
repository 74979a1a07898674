"""One hand at work: after every step, whatever came in which order, the promises of the hub hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.machine.book import BOOK, OFTEN, play
from tests.machine.databases import KINDS, opener
from tests.machine.founded import Founded


class Alone(Founded):
    """Its rules are the acts of the book."""

    alone = True


def _rule(name: str) -> Callable[..., None]:
    def step(self: Alone, **numbers: Any) -> None:
        play(self.company, name, numbers)

    step.__name__ = name
    return step


for _name, (_, _draws) in BOOK.items():
    for _n in range(OFTEN[_name]):
        setattr(Alone, f"{_name}_{_n}" if _n else _name, rule(**_draws)(_rule(_name)))


@pytest.mark.timeout(5400)
@pytest.mark.parametrize("kind", KINDS)
def test_the_promises_hold_after_every_step(kind: str, request: pytest.FixtureRequest, full: bool) -> None:
    Alone.databases = staticmethod(opener(kind, request))
    few = {"sqlite": 10, "postgres": 5}[kind]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Alone,
        settings=settings(
            max_examples=200 if full else few, stateful_step_count=60 if full else 30, deadline=None,
            derandomize=not full, suppress_health_check=list(HealthCheck), database=None,
            phases=[Phase.generate, *([Phase.shrink] if full else [])],
        ),
    )  # fmt: skip
