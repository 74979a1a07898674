"""Rules that were stored before a criterion came are found, and get it where it stands today; own lists stay."""

from __future__ import annotations

import pytest

from hub.rules.routing import CRITERIA, NAMED, Ruleset, named
from hub.rules.ruleset_gaps import filled, gaps

OLD_DEFAULT = ["full_coverage", "fewest_parcels", "priority", "distance"]


def _rules(*criteria: object, **more: object) -> Ruleset:
    return Ruleset.from_dict({"strategies": [{"name": "main", "criteria": list(criteria), **more}]})


def test_the_default_as_it_was_lacks_what_came_later_and_gets_it_in_its_place() -> None:
    old = _rules(*OLD_DEFAULT)
    assert gaps(old) == (("main", "full_day"),)
    assert tuple(row.by for row in filled(old).strategies[0].criteria) == CRITERIA
    assert gaps(filled(old)) == ()


def test_bands_and_all_other_settings_stay() -> None:
    old = _rules(
        "fewest_parcels", {"by": "distance", "band": 50}, "priority", split="fewest", leftover={"partial": True}
    )
    new = filled(old).to_dict()["strategies"][0]
    assert new["criteria"] == ["fewest_parcels", "full_day", {"by": "distance", "band": 50}, "priority"]
    assert {**new, "criteria": None} == {**old.to_dict()["strategies"][0], "criteria": None}


@pytest.mark.parametrize("criteria", [["distance", "priority"], ["priority"], [*OLD_DEFAULT[:3]], list(CRITERIA)])
def test_a_list_of_ones_own_and_the_list_of_today_lack_nothing(criteria: list[str]) -> None:
    rules = _rules(*criteria)
    assert gaps(rules) == ()
    assert filled(rules) == rules


def test_another_way_to_search_lacks_nothing() -> None:
    assert gaps(_rules(*OLD_DEFAULT, search="walk")) == ()
    assert gaps(Ruleset.from_dict({"strategies": [{"search": "cheapest"}]})) == ()


@pytest.mark.parametrize("name", sorted(NAMED))
def test_ready_made_rules_lack_nothing(name: str) -> None:
    assert gaps(named(name)) == ()


def test_only_the_strategy_that_lacks_it_is_changed() -> None:
    first = {"name": "a", "criteria": ["priority"], "leftover": {"action": "next"}}
    rules = Ruleset.from_dict({"strategies": [first, {"name": "b", "criteria": OLD_DEFAULT}]})
    assert gaps(rules) == (("b", "full_day"),)
    assert filled(rules).strategies[0] == rules.strategies[0]
