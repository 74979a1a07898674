"""What was decided before: decisions stored by version 0 of the planner are read, explained and made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.rules.routing import Decision, Demand, Ruleset, Snapshot, explain, plan, snapshot_hash, why

STORED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "decisions" / "version_0.json").read_text())


@pytest.mark.parametrize("number", range(len(STORED)))
def test_a_decision_of_version_0_is_read_hashed_made_again_and_explained_as_it_was(number: int) -> None:
    row = STORED[number]
    seen, demand = Snapshot.from_dict(row["snapshot"]), Demand.from_dict(row["demand"])
    decision, rules = Decision.from_dict(row["decision"]), Ruleset.from_dict(row["ruleset"])
    assert snapshot_hash(seen) == row["snapshot_hash"]
    assert (seen.to_dict(), demand.to_dict(), decision.to_dict()) == (row["snapshot"], row["demand"], row["decision"])
    again = plan(seen, [demand], rules)[0]
    assert (again.takes, again.shortages, again.outcome) == (decision.takes, decision.shortages, decision.outcome)
    told = explain(seen, demand, rules, decision)
    assert told.same
    assert told.candidates == decision.candidates
    code, words = row["why"]
    for found in (decision, again):
        assert json.loads(json.dumps(why(found))) == [code, words]


def test_a_stored_decision_that_the_rules_no_longer_give_explains_itself_with_what_was_stored() -> None:
    row = STORED[0]
    seen, demand = Snapshot.from_dict(row["snapshot"]), Demand.from_dict(row["demand"])
    decision = Decision.from_dict(row["decision"] | {"takes": []})
    told = explain(seen, demand, Ruleset.from_dict(row["ruleset"]), decision)
    assert (told.same, told.candidates) == (False, decision.candidates)
