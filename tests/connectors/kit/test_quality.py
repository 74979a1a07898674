"""How much code a connector needs is counted, not guessed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.kit.quality import _python_lines, lines_of_code, read_quality
from hub.canonical.errors import NotFound

SOURCE = '''"""A docstring
of two lines."""

# a comment
X = """text
that counts"""


def act() -> int:
    """Another."""
    return 1  # here
'''


def test_blank_lines_comments_and_docstrings_are_no_code() -> None:
    assert _python_lines(SOURCE) == {5, 6, 9, 11}


def test_each_connector_claims_what_its_file_says_and_has_lines() -> None:
    for name in registry.names():
        file = Path(registry.package_of(name).replace(".", "/")) / "quality.toml"
        body = tomllib.loads((Path(__file__).parents[3] / file).read_text(encoding="utf-8"))
        assert read_quality(name).level == body["level"]
        assert read_quality(name).rules.keys() == body["rules"].keys()
        assert lines_of_code(name) > 10


def test_the_practice_server_is_not_counted() -> None:
    folder = Path(__file__).parents[3] / "connectors" / "shopify"
    sandbox = sum(len(_python_lines(file.read_text(encoding="utf-8"))) for file in folder.rglob("sandbox/*.py"))
    whole = sum(len(_python_lines(file.read_text(encoding="utf-8"))) for file in folder.rglob("*.py"))
    mapping = folder.parents[1] / "mappings" / "shopify"
    translated = sum(len(_python_lines(file.read_text(encoding="utf-8"))) for file in mapping.rglob("*.py"))
    assert sandbox > 500
    assert whole - sandbox + translated < lines_of_code("shopify") < whole


def test_an_unknown_connector_is_named() -> None:
    with pytest.raises(NotFound, match="no connector named 'ebey'"):
        lines_of_code("ebey")


@pytest.mark.parametrize("name", ["douyin", "medusa", "pinduoduo"])
def test_a_rest_channel_needs_fewer_than_400_lines_mapping_included(name: str) -> None:
    assert lines_of_code(name) < 400
