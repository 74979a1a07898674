"""Lets pytest explain the assertions of the modules shared with the kill tests."""

import pytest

pytest.register_assert_rewrite("tests.kill.campaign", "tests.kill.lanes", "tests.kill.proofs", "tests.kill.stage")
