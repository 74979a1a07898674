"""The difference of two rulesets, setting by setting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.ruleset_diff import Change, diff_bodies, sentence

OLD: dict[str, Any] = {
    "name": "winter",
    "strategies": [
        {"name": "big", "split": {"max": 2}, "criteria": ["priority", "distance"]},
        {"name": "rest", "criteria": ["distance", {"by": "priority", "band": 2}]},
    ],
}


def _new(**strategies: Any) -> dict[str, Any]:
    return OLD | {"strategies": [OLD["strategies"][0] | strategies, OLD["strategies"][1]]}


@pytest.mark.parametrize(
    ("_case", "new", "sentences"),
    [
        ("nothing", OLD, []),
        ("a setting", OLD | {"name": "spring"}, ["name: winter → spring"]),
        ("deep inside", _new(split={"max": 3}), ["strategies › big › split › max: 2 → 3"]),
        ("a new setting", _new(search="cheapest"), ["strategies › big › search: new, cheapest"]),
        ("a setting less", _new(split={}), ["strategies › big › split › max: no longer 2"]),
        ("a strategy less", OLD | {"strategies": OLD["strategies"][1:]},
         ['strategies › big: no longer {"criteria": ["priority", "distance"], "name": "big", "split": {"max": 2}}']),
        ("two change places", _new(criteria=["distance", "priority"]),
         ["strategies › big › criteria › distance: place 2 → 1",
          "strategies › big › criteria › priority: place 1 → 2"]),
        ("one criterion more", _new(criteria=["fewest_parcels", "priority", "distance"]),
         ["strategies › big › criteria › fewest parcels: new, fewest_parcels"]),
        ("true is not 1", OLD | {"improve": True}, ["improve: new, true"]),
    ],
)  # fmt: skip
def test_each_setting_that_differs_is_told_once(_case: str, new: dict[str, Any], sentences: list[str]) -> None:
    assert [sentence(change) for change in diff_bodies(OLD, new)] == sentences


def test_lists_without_names_are_compared_as_they_are() -> None:
    before, after = {"tags": [1, 2]}, {"tags": [2, 1]}
    assert diff_bodies(before, after) == (Change("changed", ("tags",), [1, 2], [2, 1]),)
    assert diff_bodies({"x": 1}, {"x": True}) == (Change("changed", ("x",), 1, True),)


BODIES = st.recursive(
    st.integers(0, 3) | st.sampled_from(["a", "b"]) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "by", "p", "q"]), inner),
    max_leaves=12,
)
GROUPS = st.dictionaries(st.sampled_from(["name", "p", "q"]), BODIES)


@given(GROUPS)
def test_a_body_does_not_differ_from_itself(body: dict[str, Any]) -> None:
    assert diff_bodies(body, body) == ()


@given(GROUPS, GROUPS)
def test_turning_round_exchanges_added_and_removed(one: dict[str, Any], other: dict[str, Any]) -> None:
    turned = {"added": "removed", "removed": "added", "changed": "changed", "moved": "moved"}
    there = sorted((change.path, turned[change.kind]) for change in diff_bodies(one, other))
    back = sorted((change.path, change.kind) for change in diff_bodies(other, one))
    assert there == back
