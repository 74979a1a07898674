"""Versions of the rules: drafted, changed, activated one at a time, rolled back; what was active never changes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.rulesets import active_of, diff_rulesets, find_rulesets, read_ruleset_fact
from hub.rules.ruleset_diff import sentence
from hub.store import tables as t
from hub.store.rulesets import read_ruleset
from hub.usecases.manage_rulesets import (
    activate_ruleset,
    draft_ruleset,
    edit_draft,
    retire_ruleset,
    roll_back_ruleset,
)
from tests.fakes.world import World

ONE_PARCEL: dict[str, Any] = {"criteria": ["distance"], "split": False}


def _active(world: World, body: dict[str, Any] = ONE_PARCEL) -> int:
    version = draft_ruleset(world.ctx, actor="eve", given=body)
    activate_ruleset(world.ctx, version, actor="ann")
    return version


def test_before_anybody_chose_the_documented_default_is_active(world: World) -> None:
    (default,) = find_rulesets(world.db)
    assert (default.version, default.active, default.state) == (0, True, "active")
    with world.db.read() as db:
        assert read_ruleset(db).version == 0


def test_a_draft_changes_nothing_until_it_is_activated(world: World) -> None:
    world.stock("A", "W1", 1)
    world.stock("A", "W2", 1)
    version = draft_ruleset(world.ctx, actor="eve", given=ONE_PARCEL, note="no split")
    assert (active_of(find_rulesets(world.db)).version, read_ruleset_fact(world.db, version).state) == (0, "draft")
    assert world.order("o1", A=2) == "routed"
    activate_ruleset(world.ctx, version, actor="ann")
    fact = active_of(find_rulesets(world.db))
    assert (fact.version, fact.state, fact.note, fact.created_by, fact.activated_by) == (
        version, "active", "no split", "eve", "ann",
    )  # fmt: skip
    world.stock("A", "W1", 1)
    world.stock("A", "W2", 1)
    assert world.order("o2", A=2) == "held"
    decisions = world.rows(t.routing_decisions)
    assert [(row.outcome, row.ruleset_version) for row in decisions] == [("routed", 0), ("short", version)]


def test_orders_that_wait_are_tried_by_the_new_rules(world: World) -> None:
    _active(world)
    world.stock("A", "W1", 1)
    world.stock("A", "W2", 1)
    assert world.order("o1", A=2) == "held"
    _active(world, {"criteria": ["distance"]})
    assert world.bell.rung[-1] == ("orders.place", None)
    world.work()
    assert world.state("o1") == "routed"


def test_one_version_is_active_and_the_last_one_is_retired(world: World) -> None:
    first, second = _active(world), _active(world, {"criteria": ["priority"]})
    assert [(f.version, f.state, f.active) for f in find_rulesets(world.db)] == [
        (second, "active", True), (first, "retired", False), (0, "retired", False),
    ]  # fmt: skip
    audit = world.rows(t.audit_log, t.audit_log.c.action == "ruleset.activated")
    assert [(row.actor, row.subject, row.data) for row in audit] == [
        ("ann", f"ruleset:{first}", {"before": 0}), ("ann", f"ruleset:{second}", {"before": first}),
    ]  # fmt: skip


def test_rolling_back_makes_a_new_version_of_the_old_body(world: World) -> None:
    first, second = _active(world), _active(world, {"criteria": ["priority"]})
    third = roll_back_ruleset(world.ctx, first, actor="bob")
    fact = active_of(find_rulesets(world.db))
    assert (fact.version, fact.parent, fact.note, fact.activated_by) == (third, first, f"as version {first}", "bob")
    assert diff_rulesets(world.db, first, third) == ()
    assert read_ruleset_fact(world.db, second).state == "retired"
    fourth = roll_back_ruleset(world.ctx, 0, actor="bob", note="calm")
    assert (diff_rulesets(world.db, 0, fourth), active_of(find_rulesets(world.db)).note) == ((), "calm")


def test_what_was_active_is_never_changed(world: World) -> None:
    version = _active(world)
    before = read_ruleset_fact(world.db, version)
    for act in (
        lambda: edit_draft(world.ctx, version, {"criteria": ["priority"]}, actor="eve"),
        lambda: activate_ruleset(world.ctx, version, actor="eve"),
        lambda: retire_ruleset(world.ctx, version, actor="eve"),
        lambda: roll_back_ruleset(world.ctx, version, actor="eve"),
    ):
        with pytest.raises(Conflict, match=f"ruleset version {version} is"):
            act()
    assert read_ruleset_fact(world.db, version) == before


def test_a_draft_that_was_never_active_cannot_be_gone_back_to(world: World) -> None:
    version = draft_ruleset(world.ctx, actor="eve", given=ONE_PARCEL)
    with pytest.raises(Conflict, match=f"version {version} was never active: activate it, or draft from it"):
        roll_back_ruleset(world.ctx, version, actor="eve")
    retire_ruleset(world.ctx, version, actor="eve")
    with pytest.raises(Conflict, match="is retired: only a draft can be activated"):
        activate_ruleset(world.ctx, version, actor="eve")


def test_a_draft_begins_with_the_version_that_is_named_or_active(world: World) -> None:
    first = _active(world)
    copy = draft_ruleset(world.ctx, actor="eve")
    of_default = draft_ruleset(world.ctx, actor="eve", base=0)
    assert read_ruleset_fact(world.db, copy).parent == first
    assert diff_rulesets(world.db, first, copy) == ()
    assert diff_rulesets(world.db, 0, of_default) == ()


def test_an_edit_is_shown_setting_by_setting(world: World) -> None:
    version = draft_ruleset(world.ctx, actor="eve", base=0)
    edit_draft(world.ctx, version, {"criteria": ["distance"]}, actor="eve", note="nearest")
    assert read_ruleset_fact(world.db, version).note == "nearest"
    assert [sentence(change) for change in diff_rulesets(world.db, 0, version)] == [
        "strategies › default › criteria › full coverage: no longer full_coverage",
        "strategies › default › criteria › fewest parcels: no longer fewest_parcels",
        "strategies › default › criteria › full day: no longer full_day",
        "strategies › default › criteria › priority: no longer priority",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"critera": []}, "ruleset.critera: no such setting"),
        ({"max_parcels": 0, "criteria": ["distance"]}, "ruleset.max_parcels = 0: use a whole number from 1"),
        ({"strategies": [{"search": "magic"}]}, "ruleset.strategies[0].search = 'magic': use one of best"),
    ],
)
def test_a_body_is_refused_by_the_path_of_what_is_wrong(world: World, given: dict[str, Any], message: str) -> None:
    version = draft_ruleset(world.ctx, actor="eve", base=0)
    for act in (
        lambda: draft_ruleset(world.ctx, actor="eve", given=given),
        lambda: edit_draft(world.ctx, version, given, actor="eve"),
    ):
        with pytest.raises(BadInput) as refused:
            act()
        assert str(refused.value).startswith(message)
    assert [fact.version for fact in find_rulesets(world.db)] == [version, 0]


def test_a_version_that_is_not_there_is_not_found(world: World) -> None:
    for act in (
        lambda: draft_ruleset(world.ctx, actor="eve", base=99),
        lambda: edit_draft(world.ctx, 99, ONE_PARCEL, actor="eve"),
        lambda: activate_ruleset(world.ctx, 99, actor="eve"),
        lambda: roll_back_ruleset(world.ctx, 99, actor="eve"),
        lambda: read_ruleset_fact(world.db, 99),
        lambda: diff_rulesets(world.db, 0, 99),
    ):
        with pytest.raises(NotFound, match="there is no ruleset version 99"):
            act()


def test_two_who_activate_at_once_leave_one_active(world: World) -> None:
    drafts = [draft_ruleset(world.ctx, actor="eve", given=ONE_PARCEL) for _ in range(6)]
    gate = threading.Barrier(len(drafts))

    def activate(version: int) -> None:
        gate.wait()
        activate_ruleset(world.ctx, version, actor=f"v{version}")

    threads = [threading.Thread(target=activate, args=(version,)) for version in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = [row.state for row in world.rows(t.rulesets)]
    assert (states.count("active"), states.count("retired")) == (1, 5)
