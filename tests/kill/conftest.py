"""Lets pytest explain the assertions of the modules that the kill tests share."""

import pytest

pytest.register_assert_rewrite(
    "tests.kill.campaign", "tests.kill.lanes", "tests.kill.proofs", "tests.kill.stage", "tests.kill.processes"
)
