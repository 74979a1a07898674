"""A ruleset: versioned data that says which orders come first and which strategy chooses their places, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical.errors import BadInput
from hub.rules.routing.conditions import ALWAYS, Group, read_group
from hub.rules.routing.policies import (
    ALL_CRITERIA,
    CRITERIA,
    NO_FILTERS,
    Criterion,
    Filters,
    Leftover,
    Objective,
    Split,
    read_criterion,
    read_filters,
    read_leftover,
    read_objective,
    read_split,
)
from hub.rules.routing.reading import Reader, one_of
from hub.rules.routing.words import said

SORTS = ("placed_at", "deliver_by", "priority", "value", "age_minutes", "units")
"""placed_at, deliver_by, priority, units: smallest first, unknown last; value, age_minutes: largest first.
A "-" before the word turns it round."""

SEARCHES = ("best", "walk", "cheapest")
"""best: the best set of places under the criteria. walk: place by place in the order of the criteria, each gives what
it has of what is still wanted; the criteria are measured anew after each. cheapest: the set of places and the split of
the pieces that cost least under the objective."""

NO_COSTS, ANY_SPLIT, WHOLE_OR_NOT = Objective(), Split(), Leftover()
DEFAULT_CRITERIA = tuple(Criterion(name) for name in CRITERIA)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to choose places, for the orders for which `when` holds.

    criteria:  compared one after the other, ties by warehouse code. objective: what the cost is made of, which `search`
               cheapest makes least and the criterion cost compares.
    """

    name: str = "default"
    when: Group = ALWAYS
    filters: Filters = NO_FILTERS
    search: str = "best"
    criteria: tuple[Criterion, ...] = DEFAULT_CRITERIA
    objective: Objective = NO_COSTS
    split: Split = ANY_SPLIT
    leftover: Leftover = WHOLE_OR_NOT

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"name": self.name} | said(self, ("search",))
        for name in ("when", "filters", "objective", "split", "leftover"):
            section = getattr(self, name).to_dict()
            body |= {name: section} if section else {}
        if self.search != "cheapest":
            body["criteria"] = [criterion.to_body() for criterion in self.criteria]
        return body


def read_strategy(body: object, path: str) -> Strategy:
    """Raises BadInput: an unknown word, a criterion twice, or criteria where the cost alone decides."""
    read = Reader(body, path)
    found = Strategy(
        read.text("name", "default"),
        read.section("when", read_group, ALWAYS),
        read.section("filters", read_filters, NO_FILTERS),
        read.word("search", "best", SEARCHES),
        read.rows("criteria", read_criterion, DEFAULT_CRITERIA),
        read.section("objective", read_objective, NO_COSTS),
        read.section("split", read_split, ANY_SPLIT),
        read.section("leftover", read_leftover, WHOLE_OR_NOT),
    )
    read.done()
    if found.search == "cheapest" and "criteria" in read.body:
        raise BadInput(f"{path}.criteria: leave them out where search = cheapest, or use search = best")
    refuse_repeated(found.criteria, path)
    return found


def refuse_repeated(criteria: tuple[Criterion, ...], path: str) -> None:
    names = [criterion.by for criterion in criteria]
    if len(set(names)) < len(names):
        raise BadInput(f"{path}.criteria = {', '.join(names)!r}: use each of {', '.join(ALL_CRITERIA)} at most once")


@dataclass(frozen=True, slots=True)
class Batch:
    """Orders that are served together: `include` holds for them and `exclude` does not; in the order of `sort`."""

    name: str = ""
    include: Group = ALWAYS
    exclude: Group | None = None
    sort: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"name": self.name, "include": self.include.to_dict(), "sort": list(self.sort)}
        return body | ({"exclude": self.exclude.to_dict()} if self.exclude else {})


def read_batch(body: object, path: str) -> Batch:
    read = Reader(body, path)
    found = Batch(
        read.text("name"), read.section("include", read_group, ALWAYS), read.section("exclude", read_group, None),
        read.rows("sort", _read_sort),
    )  # fmt: skip
    read.done()
    return found


def _read_sort(body: object, path: str) -> str:
    return one_of(body, path, (*SORTS, *(f"-{name}" for name in SORTS)))


@dataclass(frozen=True, slots=True)
class Ruleset:
    """How to choose.

    batches:    which orders are served first; those of no batch come last, in the order they are asked in.
    strategies: the first one whose condition holds decides; its leftover action may hand on to the next.
    improve:    at most so many orders are planned again per batch to find a better order of serving; 0 = none.
    """

    version: int = 1
    name: str = ""
    batches: tuple[Batch, ...] = ()
    strategies: tuple[Strategy, ...] = (Strategy(),)
    improve: int = 0

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {"version": self.version} | said(self, ("name", "improve"))
        if self.batches:
            body["batches"] = [batch.to_dict() for batch in self.batches]
        return body | {"strategies": [strategy.to_dict() for strategy in self.strategies]}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Ruleset:
        """Read back; what is left out has its default; a flat body (criteria at the top) is one strategy.

        Raises: BadInput: an unknown word, named by its path, with the words that may stand there.
        """
        return _read_ruleset(body) if "strategies" in body else _read_flat(body)

    @classmethod
    def flat(
        cls,
        version: int = 1,
        criteria: tuple[str, ...] = CRITERIA,
        max_parcels: int | None = None,
        split: bool = True,
        allow_partial: bool = False,
    ) -> Ruleset:
        """One strategy for all orders.

        max_parcels:   at most so many places for one order, None = any number; `split` False means one.
        allow_partial: give what there is; else an order is taken whole or not at all.
        """
        return _read_flat(
            {
                "version": version,
                "criteria": list(criteria),
                "max_parcels": max_parcels,
                "split": split,
                "allow_partial": allow_partial,
            }
        )


def _read_ruleset(body: object) -> Ruleset:
    read = Reader(body, "ruleset")
    found = Ruleset(
        read.whole("version", 1), read.text("name"), read.rows("batches", read_batch),
        read.rows("strategies", read_strategy), read.whole("improve", 0, most=100_000),
    )  # fmt: skip
    read.done()
    if not found.strategies:
        raise BadInput("ruleset.strategies: use at least one strategy")
    return found


def _read_flat(body: object) -> Ruleset:
    read = Reader(body, "ruleset")
    version = read.whole("version", 1)
    most = read.maybe_whole("max_parcels", 1)
    split, partial = read.flag("split", True), read.flag("allow_partial")
    criteria = read.rows("criteria", read_criterion, DEFAULT_CRITERIA)
    read.done()
    refuse_repeated(criteria, "ruleset")
    policy = Split(most if split else 1)
    strategy = Strategy(criteria=criteria, split=policy, leftover=Leftover(partial=partial))
    return Ruleset(version, strategies=(strategy,))
