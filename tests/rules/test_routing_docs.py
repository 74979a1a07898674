"""The page about routing names every word that a ruleset may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.rules.routing import NAMED
from hub.rules.routing.conditions import FIELDS, OPS
from hub.rules.routing.policies import (
    ACTIONS,
    ALL_CRITERIA,
    COSTS,
    KINDS,
    Estimate,
    Filters,
    Leftover,
    Objective,
    Split,
)
from hub.rules.routing.ruleset import SEARCHES, SORTS

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text()
SECTIONS = [name for kind in (Estimate, Filters, Leftover, Objective, Split) for name in kind.__dataclass_fields__]
WORDS = {*NAMED, *FIELDS, *ACTIONS, *ALL_CRITERIA, *COSTS, *KINDS, *SEARCHES, *SORTS, *SECTIONS}


@pytest.mark.parametrize("word", sorted(WORDS | {op for ops in OPS.values() for op in ops}))
def test_the_word_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE
