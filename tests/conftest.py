"""Loads the shared fixtures; everything lives in `tests/fixtures/`."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.kill.{name}" for name in ("campaign", "lanes", "proofs", "stage", "processes")),
    "tests.real.full_circle",
)

pytest_plugins = [
    "connectors.kit.contract.plugin",
    "tests.fixtures.options",
    "tests.fixtures.data",
    "tests.fixtures.network",
    "tests.fixtures.postgres",
    "tests.fixtures.rabbitmq",
    "tests.fixtures.browser",
    "tests.fixtures.pages",
    "tests.fixtures.site",
    "tests.fixtures.shop_day",
]
