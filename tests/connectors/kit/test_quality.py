"""How much code a connector needs is counted, not guessed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from connectors.kit import registry
from connectors.kit.contract.base import ContractBase
from connectors.kit.contract.claims import ClaimsContract
from connectors.kit.quality import _python_lines, lines_of_code, read_quality
from hub.canonical.errors import Misconfigured, NotFound

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


@pytest.mark.parametrize("name", ["douyin", "medusa", "mirakl", "pinduoduo", "taobao", "woocommerce"])
def test_a_rest_channel_needs_fewer_than_400_lines_mapping_included(name: str) -> None:
    assert lines_of_code(name) < 400


SIZES = {"ebay": 560, "vendure": 520, "magento": 640, "amazon": 1270, "shopify": 1360, "x12": 1660}
"""What those with more than a REST channel's mechanisms need (`docs/add-a-channel.md` says for what)."""


@pytest.mark.parametrize(("name", "most"), SIZES.items())
def test_larger_connectors_grow_by_decision_only(name: str, most: int) -> None:
    assert most - 40 < lines_of_code(name) <= most


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The quality file of a connector that stands in a package of its own."""
    package = tmp_path / f"stockline_{tmp_path.name.rstrip('_')}"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(registry, "_packages", lambda: {"cornershop": package.name})
    return package / "quality.toml"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("level = \n", "Invalid value (at line 1, column 9)"),
        ('level = "bronze"', 'expected level = "bronze", "silver" or "gold", and a table [rules]'),
        ("level = 1\n[rules]", 'expected level = "bronze", "silver" or "gold", and a table [rules]'),
        ('level = "bronze"\n[rules]\nreadme = {why = "x"}',
         "readme = {'why': 'x'}: expected \"done\", \"open\", or a table with exempt = \"why it cannot be\""),
    ],
)  # fmt: skip
def test_a_quality_file_that_says_nothing_is_refused_by_its_place(claim: Path, text: str, why: str) -> None:
    claim.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        read_quality("cornershop")
    assert str(refused.value) == f"{claim}: {why}"


RULES = ("contract_suite", "readme", "sandbox", "webhooks_verified", "limits_kept", "pause_and_reauth", "returns",
         "refunds", "reconciliation")  # fmt: skip


@pytest.mark.parametrize(
    ("level", "done", "why"),
    [
        ("gold", 3, "level = 'gold' is claimed, and open is: webhooks_verified, limits_kept, pause_and_reauth, "
         "returns, refunds, reconciliation"),
        ("silver", 5, "level = 'silver' is claimed, and open is: pause_and_reauth"),
        ("bronze", 6, "level = 'bronze' is claimed; the rules reach silver"),
        ("platinum", 9, "level = 'platinum': there are bronze, silver, gold"),
        ("bronze", 3, ""),
    ],
)  # fmt: skip
def test_a_claim_that_is_not_reached_says_what_is_open(level: str, done: int, why: str) -> None:
    class Claims(ClaimsContract):
        def name(self) -> str:
            return "woocommerce"

        def quality(self) -> dict[str, object]:
            return {"level": level, "rules": {rule: "done" if at < done else "open" for at, rule in enumerate(RULES)}}

        def _not_run(self, rules: object) -> list[str]:
            return []

    assert issubclass(Claims, ContractBase)
    said = ""
    try:
        Claims().test_the_quality_file_is_true()
    except AssertionError as wrong:
        said = str(wrong).splitlines()[0]
    assert said == why
