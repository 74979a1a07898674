"""Lets the shared contract's assertions show their values."""

import pytest

pytest.register_assert_rewrite("tests.connectors.contracts")
