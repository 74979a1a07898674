"""Loads the shared fixtures; everything lives in `tests/fixtures/`."""

pytest_plugins = [
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
