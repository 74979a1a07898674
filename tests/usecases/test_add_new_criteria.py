"""One step makes a draft with the criteria that came after the active rules were stored."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput
from hub.reports.rulesets import active_of, find_rulesets, read_ruleset_fact
from hub.usecases.add_new_criteria import add_new_criteria
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from tests.fakes.world import World

OLD = {"strategies": [{"criteria": ["full_coverage", "fewest_parcels", "priority", "distance"]}]}


def test_the_draft_says_what_it_has_and_nothing_is_active_by_it(world: World) -> None:
    old = draft_ruleset(world.ctx, actor="test", given=OLD)
    activate_ruleset(world.ctx, old, actor="test")
    made = read_ruleset_fact(world.db, add_new_criteria(world.ctx, actor="eve"))
    assert (made.state, made.parent, made.note) == ("draft", old, f"version {old} with full_day")
    assert "full_day" in made.body["strategies"][0]["criteria"]
    assert active_of(find_rulesets(world.db)).version == old


def test_rules_that_lack_nothing_make_no_draft(world: World) -> None:
    with pytest.raises(BadInput, match="ruleset version 0 lacks no new criterion: there is nothing to add"):
        add_new_criteria(world.ctx, actor="eve")
    assert [fact.version for fact in find_rulesets(world.db)] == [0]
