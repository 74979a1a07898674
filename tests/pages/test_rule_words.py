"""Rules in sentences, and the editor's form: what is written into it is read back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.pages.rule_form import RuleForm, place_of
from hub.pages.rule_words import RuleWords, changes
from hub.pages.shell import Page
from hub.rules.routing import NAMED, Ruleset, named
from hub.web.services import Services

EUROPE: dict[str, Any] = {
    "name": "Europe",
    "search": "cheapest",
    "when": {"all": [{"field": "country", "op": "any_of", "value": ["DE", "AT"]}]},
    "filters": {"max_km": 800, "kinds": ["warehouse"], "min_confidence": 955},
    "objective": {"split": "2.50", "weights": {"scarcity": 500}, "estimate": {"base": "4.00", "per_km": "0.01"}},
    "split": {"most": 2},
    "leftover": {"action": "wait_until", "days": 3, "partial": True, "unfilled_piece": "3.00"},
}
REST: dict[str, Any] = {"name": "rest", "criteria": ["full_coverage", {"by": "distance", "band": 50}]}


class English(Page):
    """Only what the words need of a page."""

    def __init__(self, house: str = "") -> None:
        self.language = "en"
        self.services = Services(None, house_currency=house)  # type: ignore[arg-type]


WORDS = RuleWords(English())


def _rules(*strategies: dict[str, Any], **more: Any) -> Ruleset:
    return Ruleset.from_dict({"version": 1, "strategies": list(strategies), **more})


def test_a_strategy_is_one_sentence() -> None:
    first, second = WORDS.ruleset(_rules(EUROPE, REST))
    assert first.headline == "Orders where country is DE or AT: cheapest, at most 2 parcels; else it waits up to 3 days"
    assert second.headline == (
        "Every order: one warehouse that has everything, then nearest, any number of parcels; "
        "else it waits for stock or a person"
    )


def test_every_part_of_a_strategy_is_told() -> None:
    told = dict(WORDS.ruleset(_rules(EUROPE))[0].aspects)
    assert told["filters"] == (
        "Only warehouses that: are of the kind warehouse, are at most 800 km away, "
        "have stock that is believed to 95.5 %"
    )
    assert told["money"] == (
        "2.50 for each parcel after the first, where no rate is known: 4.00 a parcel, 0.01 a km, "
        "scarcity (bid prices) counts 50 %"
    )
    assert told["leftover"] == (
        "What there is is sent at once; for the rest: it waits up to 3 days, a missing piece costs 3.00"
    )


def test_bands_and_groups_in_groups_are_told() -> None:
    inner = {
        "any": [
            {"field": "tags", "op": "all_of", "value": ["vip"]},
            {"field": "value", "op": "at_least", "value": "50"},
        ]
    }
    when = {"all": [{"field": "payment", "op": "is_not", "value": "unpaid"}, inner]}
    told = dict(WORDS.ruleset(_rules(REST | {"when": when}))[0].aspects)
    assert told["when"] == (
        "Orders where payment is not unpaid and (it has all the tags vip or value in money is at least 50.00)"
    )
    assert told["search"].endswith("then nearest (differences below 50 km do not count)")


def test_prices_are_in_the_currency_of_the_house_and_what_an_order_comes_to_is_not() -> None:
    when = {"all": [{"field": "value", "op": "at_least", "value": "50"}]}
    ruleset = _rules(REST | {"when": when, "leftover": {"action": "queue", "partial": True, "unfilled_piece": "3.00"}})
    told = dict(RuleWords(English("EUR")).ruleset(ruleset)[0].aspects)
    assert told["when"] == "Orders where value in money is at least 50.00"
    assert told["leftover"].endswith("a missing piece costs €3.00")


def test_a_batch_says_whom_it_serves_and_in_which_order() -> None:
    group = {"field": "age_minutes", "op": "at_least", "value": 60}
    batch = {"name": "late", "include": {"all": [group]}, "exclude": {"any": [group]}, "sort": ["value", "-placed_at"]}
    assert WORDS.batch(_rules(REST, batches=[batch]).batches[0]) == (
        "Orders where age in minutes is at least 60, but not where age in minutes is at least 60; "
        "served by value, largest first, then newest first"
    )


def test_a_strategy_below_one_that_takes_every_order_is_never_reached() -> None:
    hands_on = REST | {"name": "hands on", "leftover": {"action": "next"}}
    reached = [told.reached for told in WORDS.ruleset(_rules(EUROPE, hands_on, REST, REST | {"name": "hidden"}))]
    assert reached == [True, True, True, False]


def test_changes_are_told_strategy_by_strategy() -> None:
    before = _rules(EUROPE, REST, REST | {"name": "old"})
    after = _rules(REST, EUROPE | {"split": {"most": 1}}, REST | {"name": "new"})
    found = {change.name: (change.kind, change.rows) for change in changes(WORDS.ruleset, before, after)}
    assert found["Europe"] == ("changed", (("split", "at most 2 parcels", "in one parcel only"),))
    assert found["rest"] == ("moved", ())
    assert (found["new"][0], found["old"][0]) == ("added", "removed")
    assert changes(WORDS.ruleset, after, after) == ()


CONDITIONS = st.sampled_from([
    {"field": "country", "op": "is", "value": "DE"}, {"field": "country", "op": "none_of", "value": ["AT", "DE"]},
    {"field": "tags", "op": "all_of", "value": ["b", "a c"]}, {"field": "units", "op": "at_most", "value": 3},
    {"field": "value", "op": "at_least", "value": "0.05"},
    {"field": "ship_method", "op": "is", "value": "express, paid"},
    {"any": [{"field": "channel", "op": "is", "value": "shopify"}]},
])  # fmt: skip
MODES = st.sampled_from(["all", "any"])
GROUPS = st.builds(lambda mode, rows: {mode: rows} if rows else {}, MODES, st.lists(CONDITIONS, max_size=3))
BANDS = [{"by": "distance", "band": 50}, {"by": "cost", "band": "1.50"}, "priority", "fewest_parcels", "ships_on"]
STRATEGIES = st.fixed_dictionaries({
    "when": GROUPS, "criteria": st.lists(st.sampled_from(BANDS), unique_by=str, max_size=4),
    "filters": st.sampled_from([{}, EUROPE["filters"], {"places": ["BER", "SZX"], "in_time": True, "min_left": 0}]),
    "objective": st.sampled_from([{}, EUROPE["objective"], {"stockout": "0.10", "stockout_days": 3}]),
    "split": st.sampled_from([{}, {"most": 1, "keep_together": False}, {"fewest": True, "min_part_value": "9.99"}]),
    "leftover": st.sampled_from([
        {}, EUROPE["leftover"], {"action": "next"}, {"partial": True, "unfilled_order": "0.50"},
        {"action": "backorder", "keep": True},
    ]),
})  # fmt: skip


@given(st.lists(STRATEGIES, min_size=1, max_size=4), GROUPS, st.integers(0, 50))
def test_what_is_written_into_the_form_is_read_back_as_it_was(
    strategies: list[dict[str, Any]], include: dict[str, Any], improve: int
) -> None:
    rows = [{"name": f"s {n}", **row} for n, row in enumerate(strategies)]
    rules = _rules(*rows, batches=[{"name": "b", "include": include, "sort": ["-value"]}], improve=improve)
    form = RuleForm.of(rules.to_dict())
    pairs = [(f"s{n}.{key}", value) for n, fields in enumerate(form.strategies) for key, value in fields.items()]
    pairs += [(f"b{n}.{key}", value) for n, fields in enumerate(form.batches) for key, value in fields.items()]
    body, wrong = RuleForm.typed([*pairs, ("improve", form.improve), ("csrf", "x")]).read()
    assert wrong == {}
    assert _normal(Ruleset.from_dict(body | {"version": 1})) == _normal(rules)


def _normal(rules: Ruleset) -> dict[str, Any]:
    """The form shows groups inside a group after the plain conditions."""
    body = rules.to_dict()
    for row in [*body["strategies"], *body.get("batches", ())]:
        for mode, parts in (row.get("when") or row.get("include") or {}).items():
            parts.sort(key=lambda part: "field" not in part)
            assert mode in ("all", "any")
    return body


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_template_goes_through_the_form_unchanged(name: str) -> None:
    rules = named(name)
    body, wrong = RuleForm.of(rules.to_dict()).read()
    assert (wrong, Ruleset.from_dict(body | {"version": rules.version})) == ({}, rules)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("filters.max_km", "far", "whole"),
        ("filters.min_confidence", "95.55", "percent"),
        ("objective.split", "-1", "amount"),
        ("objective.split", "1.0000001", "amount"),
        ("split.most", "0", "whole"),
        ("leftover.days", "0", "days"),
        ("when.0.value", "", "text"),
        ("when.kept", "{", "text"),
        ("name", "", "name"),
    ],
)
def test_a_field_that_cannot_be_read_is_named_with_its_reason(field: str, value: str, why: str) -> None:
    form = RuleForm.of(_rules(EUROPE).to_dict())
    form.strategies[0][field] = value
    assert form.read()[1].items() >= {f"s0.{field}": why}.items()


def test_a_criterion_twice_and_a_name_twice_are_told() -> None:
    form = RuleForm.of(_rules(REST, REST | {"name": "b"}).to_dict())
    form.strategies[0]["criteria.2.by"] = "distance"
    form.strategies[1]["name"] = "rest"
    assert form.read()[1] == {"s0.criteria.2.by": "twice", "s1.name": "name"}


def test_buttons_move_remove_and_add_parts() -> None:
    form = RuleForm.of(_rules(EUROPE, REST).to_dict())
    assert (form.act("down:s0"), [row["name"] for row in form.strategies]) == ("s1", ["rest", "Europe"])
    assert (form.act("down:s1"), form.act("up:s1")) == ("s1", "s0")
    assert form.add([REST]) == "s0"
    assert [row["name"] for row in form.strategies] == ["rest 2", "Europe", "rest"]
    assert (form.act("remove:s0"), len(form.strategies)) == ("s0", 2)
    assert (form.act("add:b"), form.batches) == ("b0", [{}])
    assert [form.act(text) for text in ("up:s9", "", "burn", "remove:x1", "add:s")] == [""] * 5
    assert len(form.strategies) == 2


@pytest.mark.parametrize(
    ("error", "field", "text"),
    [
        ("ruleset.strategies[1].filters.max_km = -1: use 0 or more", "s1.filters.max_km", "use 0 or more"),
        ("ruleset.batches[0].include.any[2].op = 'is': use one of a, b", "b0.include.2.op", "use one of a, b"),
        ("ruleset.strategies[0].when.all[1].value[0] = 3: use a text", "s0.when.1.value.0", "use a text"),
        ("ruleset.improve = -1: use more", "improve", "use more"),
        ("something else", "", "something else"),
    ],
)
def test_an_error_of_the_rules_finds_its_field(error: str, field: str, text: str) -> None:
    assert place_of(error) == (field, text)
