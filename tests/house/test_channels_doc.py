"""The page about channels says what their passports say."""

from __future__ import annotations

from connectors.kit import registry
from tools.channels_doc import FILE, page


def test_the_page_of_channels_is_made_of_the_passports() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "make it anew: python -m tools.channels_doc"


def test_every_connector_has_its_column_and_its_line() -> None:
    text = page()
    for name in registry.names():
        assert text.count(registry.spec(name).title) >= 3
