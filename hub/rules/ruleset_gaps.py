"""Criteria that came after a ruleset was stored: which strategies were made from a list that has one more by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.rules.routing import CRITERIA, NAMED, Criterion, Ruleset, Strategy, named

LATER = ("full_day",)
"""Criteria that a list of ours got after rulesets were stored already, in the order in which they came."""


def gaps(ruleset: Ruleset) -> tuple[tuple[str, str], ...]:
    """(strategy, criterion) of each later criterion that the strategy's list would have today.

    Only where the list is one of ours as it was before: who made a list of one's own, or left out more, chose so.
    """
    found = [(strategy.name, _missing(strategy)) for strategy in ruleset.strategies]
    return tuple((name, criterion) for name, missing in found for criterion in missing)


def filled(ruleset: Ruleset) -> Ruleset:
    """The ruleset with every gap closed, the criterion where it stands in our list; bands stay as they are."""
    return replace(ruleset, strategies=tuple(_filled(strategy) for strategy in ruleset.strategies))


def _missing(strategy: Strategy) -> tuple[str, ...]:
    today = _today(strategy)
    return tuple(name for name in today if name in LATER and name not in _names(strategy)) if today else ()


def _filled(strategy: Strategy) -> Strategy:
    today = _today(strategy)
    if not today:
        return strategy
    own = {criterion.by: criterion for criterion in strategy.criteria}
    return replace(strategy, criteria=tuple(own.get(name, Criterion(name)) for name in today))


def _today(strategy: Strategy) -> tuple[str, ...]:
    """Our list of today that the strategy has as it once was; () where it has none, or today's."""
    if strategy.search != "best":
        return ()
    return next((ours for ours in _ours() if _names(strategy) in _before(ours)), ())


def _ours() -> list[tuple[str, ...]]:
    ready = (strategy for name in sorted(NAMED) for strategy in named(name).strategies)
    return [CRITERIA, *(_names(strategy) for strategy in ready if strategy.search == "best")]


def _before(ours: Sequence[str]) -> list[tuple[str, ...]]:
    """What the list was before each of the later criteria came."""
    lists = [tuple(name for name in ours if name not in LATER[at:]) for at in range(len(LATER))]
    return [found for found in lists if found != tuple(ours)]


def _names(strategy: Strategy) -> tuple[str, ...]:
    return tuple(criterion.by for criterion in strategy.criteria)
