"""A company that is founded, watched while it works, and brought to rest; what works in it, the tests say."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.machine import promises
from tests.machine.acts import SETUPS
from tests.machine.company import Company
from tests.machine.databases import Open


class Founded(RuleBasedStateMachine):
    """`databases` is set by the test; `alone`: one hand works at a time, so that every act knows what it must find."""

    databases: ClassVar[Open]
    alone: ClassVar[bool]

    @initialize(setup=SETUPS)
    def found(self, setup: Any) -> None:
        self.stack = ExitStack()
        self.company = Company(self.stack.enter_context(self.databases()), alone=self.alone, **setup)
        self.stack.enter_context(self.company.open())

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "company"):
            promises.check(self.company)

    def teardown(self) -> None:
        if hasattr(self, "company"):
            with self.stack:
                promises.come_to_rest(self.company)
