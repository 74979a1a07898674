"""Says a routing ruleset in sentences: for whom a strategy is, how it chooses, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from hub.canonical.amounts import from_micros
from hub.pages.formats import Formats
from hub.pages.i18n import N_
from hub.pages.labels import label
from hub.pages.shell import Page
from hub.rules.routing import Batch, Condition, Criterion, Filters, Group, Leftover, Objective, Ruleset, Split, Strategy

MANY = 6
"""Codes of a list that are named; the rest is a number."""
NAMED_CRITERIA = 5
"""Criteria that a headline names: all of what the program comes with; more are an ellipsis."""


@dataclass(frozen=True, slots=True)
class Told:
    """A strategy in words. `aspects`: (code word of the label kind "aspect", sentence), for comparing two versions.

    reached: an order can come to it: no strategy above takes every order and keeps it.
    """

    name: str
    headline: str
    aspects: tuple[tuple[str, str], ...]
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two versions of a strategy. `kind`: added, removed, changed, moved."""

    name: str
    kind: str
    rows: tuple[tuple[str, str, str], ...] = ()


class RuleWords:
    """The sentences of one page's language."""

    def __init__(self, page: Page) -> None:
        self._say = page.gettext
        self._formats = Formats(page.language, page.house_currency)

    def ruleset(self, rules: Ruleset) -> tuple[Told, ...]:
        """Its strategies in words, in the order in which they are tried."""
        told, open_end = [], True
        for strategy in rules.strategies:
            told.append(Told(strategy.name, self.headline(strategy), self.aspects(strategy), open_end))
            open_end = open_end and (bool(strategy.when.parts) or strategy.leftover.action == "next")
        return tuple(told)

    def headline(self, strategy: Strategy) -> str:
        """One sentence, such as: Orders where country is DE: nearest first, at most 2 parcels, else it waits."""
        how = self._list((self._brief(strategy), self.split(strategy.split)))
        rest = self._else(strategy.leftover)
        return self._say(N_("%(who)s: %(how)s; else %(rest)s"), who=self.who(strategy.when), how=how, rest=rest)

    def aspects(self, strategy: Strategy) -> tuple[tuple[str, str], ...]:
        """Every part of it in a sentence; parts that say nothing are left out."""
        rows = (
            ("when", self.who(strategy.when)), ("filters", self.filters(strategy.filters)),
            ("search", self.how(strategy)), ("money", self.money_parts(strategy.objective)),
            ("split", self.split(strategy.split)), ("leftover", self.leftover(strategy.leftover)),
        )  # fmt: skip
        return tuple((code, text) for code, text in rows if text)

    def batch(self, batch: Batch) -> str:
        """Which orders are served together, and in which order."""
        text = self.who(batch.include)
        if batch.exclude and batch.exclude.parts:
            text = self._say(N_("%(who)s, but not where %(group)s"), who=text, group=self.group(batch.exclude))
        if batch.sort:
            text = self._say(N_("%(who)s; served by %(sort)s"), who=text, sort=self._then(map(self._sort, batch.sort)))
        return text

    def who(self, when: Group) -> str:
        if not when.parts:
            return self._say(N_("Every order"))
        return self._say(N_("Orders where %(group)s"), group=self.group(when))

    def group(self, group: Group) -> str:
        """The conditions of a group with their "and" or "or"; a group inside stands in brackets."""
        parts = [f"({self.group(part)})" if isinstance(part, Group) else self.condition(part) for part in group.parts]
        return self._say(N_(" and ") if group.every else N_(" or ")).join(parts)

    def condition(self, one: Condition) -> str:
        """Such as: country is DE or AT."""
        name = self._label("rule_field", one.field)
        if isinstance(one.value, int):
            value = self._total(one.value) if one.field == "value" else self._formats.number(one.value)
            return self._say(_NUMBER_OPS[one.op], field=name, value=value)
        ops = _TAG_OPS if one.field == "tags" else _TEXT_OPS
        return self._say(ops[one.op], field=name, value=self._codes(one.value))

    def filters(self, found: Filters) -> str:
        """Which warehouses may serve, beside what always holds; empty where all may."""
        parts = []
        for part in fields(found):
            value = getattr(found, part.name)
            if value != part.default:
                parts.append(self._say(_FILTERS[part.name], value=self._filter_value(part.name, value)))
        return self._say(N_("Only warehouses that: %(parts)s"), parts=self._list(parts)) if parts else ""

    def _filter_value(self, name: str, value: Any) -> str:
        if name == "kinds":
            return self._codes(tuple(self._label("place_kind", kind) for kind in value))
        if name == "min_confidence":
            return self._formats.number(from_permille(value))
        return self._codes(value) if isinstance(value, tuple) else self._formats.number(value)

    def how(self, strategy: Strategy) -> str:
        """How it finds its warehouses, with all criteria."""
        if strategy.search == "cheapest":
            return self._say(N_("The warehouses and the split that cost least in money"))
        if not strategy.criteria:
            return self._say(N_("Whatever can give most; the warehouse code decides between equals"))
        text = _WALK if strategy.search == "walk" else _BEST
        return self._say(text, criteria=self._then(map(self.criterion, strategy.criteria)))

    def criterion(self, one: Criterion) -> str:
        name = self._label("criterion", one.by)
        if not one.band:
            return name
        band = self.money(one.band) if one.by == "cost" else self._formats.number(one.band)
        band = self._say(_BANDS[one.by], band=band)
        return self._say(N_("%(name)s (differences below %(band)s do not count)"), name=name, band=band)

    def money_parts(self, objective: Objective) -> str:
        """The prices that the money is made of beside rates and handling; empty where there are none."""
        number = self._formats.number
        parts = [
            self._say(text, price=self.money(getattr(objective, name)), days=number(getattr(objective, days, 0)))
            for name, text, days in _PRICES if getattr(objective, name)
        ]  # fmt: skip
        parts += [
            self._say(_ESTIMATES[part.name], price=self.money(getattr(objective.estimate, part.name)))
            for part in fields(objective.estimate) if getattr(objective.estimate, part.name)
        ]  # fmt: skip
        parts += [
            self._say(N_("%(part)s counts %(percent)s %%"), part=self._label("cost_part", part),
                      percent=number(from_permille(weight)))
            for part, weight in objective.weights
        ]  # fmt: skip
        return self._list(parts)

    def split(self, split: Split) -> str:
        """How many parcels an order may become."""
        if split.most == 1:
            return self._say(N_("in one parcel only"))
        parts = [self._say(N_("any number of parcels")) if split.most is None else
                 self._say(N_("at most %(most)s parcels"), most=split.most)]  # fmt: skip
        if split.fewest:
            parts.append(self._say(N_("as few as possible")))
        if split.min_part_value:
            parts.append(self._say(N_("each worth at least %(price)s"), price=self.money(split.min_part_value)))
        if not split.keep_together:
            parts.append(self._say(N_("kits and gifts may be parted")))
        return self._list(parts)

    def leftover(self, rest: Leftover) -> str:
        """What becomes of what it cannot give."""
        text = self._say(_PARTIAL if rest.partial else _KEPT if rest.keep else _WHOLE, what=self._else(rest))
        if rest.unfilled_piece is None and not rest.unfilled_order:
            return text
        parts = [text, self._say(N_("a missing piece costs %(price)s"), price=self.money(rest.unfilled_piece or 0))]
        if rest.unfilled_order:
            parts.append(self._say(N_("an order with missing pieces %(price)s"), price=self.money(rest.unfilled_order)))
        return self._list(parts)

    def money(self, micros: int) -> str:
        """Millionths of the house currency as an amount with at least two places."""
        return self._formats.amount(from_micros(micros))

    def _total(self, micros: int) -> str:
        """What an order comes to, in its own currency: nothing is converted."""
        return Formats(self._formats.language).amount(from_micros(micros))

    def _brief(self, strategy: Strategy) -> str:
        if strategy.search == "cheapest":
            return self._say(N_("cheapest"))
        if not strategy.criteria:
            return self._say(N_("whoever can give most"))
        more = ["…"] if len(strategy.criteria) > NAMED_CRITERIA else []
        shown = strategy.criteria[:NAMED_CRITERIA]
        return self._then([*(self._label("criterion", one.by) for one in shown), *more])

    def _else(self, rest: Leftover) -> str:
        return self._say(_LEFTOVERS[rest.action], days=self._formats.number(rest.days))

    def _sort(self, word: str) -> str:
        return self._label("rule_sort", word)

    def _label(self, kind: str, code: str) -> str:
        return self._say(label(kind, code))

    def _list(self, parts: Iterable[str]) -> str:
        return self._say(N_(", ")).join(parts)

    def _then(self, parts: Iterable[str]) -> str:
        return self._say(N_(", then ")).join(parts)

    def _codes(self, codes: tuple[str, ...]) -> str:
        named = self._say(N_(" or ")).join(codes[:MANY])
        more = len(codes) - MANY
        return self._say(N_("%(named)s or %(count)s more"), named=named, count=more) if more > 0 else named


def from_permille(value: int) -> str:
    """955 -> "95.5", the percentage as people type it."""
    whole, rest = divmod(value, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def changes(say: Callable[[Ruleset], tuple[Told, ...]], before: Ruleset, after: Ruleset) -> tuple[Change, ...]:
    """What differs, strategy by strategy (matched by name), in the order of the newer one; removed ones at the end."""
    old, new = {told.name: told for told in say(before)}, {told.name: told for told in say(after)}
    kept_before, kept_after = [name for name in old if name in new], [name for name in new if name in old]
    found = []
    for name, told in new.items():
        rows = _differing(old[name], told) if name in old else ()
        if name not in old:
            found.append(Change(name, "added", (("", "", told.headline),)))
        elif rows:
            found.append(Change(name, "changed", rows))
        elif kept_before.index(name) != kept_after.index(name):
            found.append(Change(name, "moved"))
    found += [Change(name, "removed", (("", told.headline, ""),)) for name, told in old.items() if name not in new]
    return tuple(found)


def _differing(old: Told, new: Told) -> tuple[tuple[str, str, str], ...]:
    before, after = dict(old.aspects), dict(new.aspects)
    codes = [code for code in (*before, *(code for code in after if code not in before))]
    return tuple((code, before.get(code, ""), after.get(code, "")) for code in codes
                 if before.get(code) != after.get(code))  # fmt: skip


_PARTIAL = N_("What there is is sent at once; for the rest: %(what)s")
_KEPT = N_("What there is is kept until the rest is there; if something is missing: %(what)s")
_WHOLE = N_("Nothing is sent in part; if something is missing: %(what)s")
_WALK = N_("Warehouse by warehouse, each gives what it has; first %(criteria)s")
_BEST = N_("The best set of warehouses: first %(criteria)s")
_TEXT_OPS = {
    "is": N_("%(field)s is %(value)s"), "is_not": N_("%(field)s is not %(value)s"),
    "any_of": N_("%(field)s is %(value)s"), "none_of": N_("%(field)s is not %(value)s"),
}  # fmt: skip
_TAG_OPS = {
    "any_of": N_("it has the tag %(value)s"), "none_of": N_("it has no tag %(value)s"),
    "all_of": N_("it has all the tags %(value)s"),
}  # fmt: skip
_NUMBER_OPS = {
    "is": N_("%(field)s is %(value)s"), "is_not": N_("%(field)s is not %(value)s"),
    "at_least": N_("%(field)s is at least %(value)s"), "at_most": N_("%(field)s is at most %(value)s"),
}  # fmt: skip
_FILTERS = {
    "tags": N_("have the tag %(value)s"), "not_tags": N_("do not have the tag %(value)s"),
    "kinds": N_("are of the kind %(value)s"), "places": N_("are %(value)s"), "not_places": N_("are not %(value)s"),
    "max_km": N_("are at most %(value)s km away"), "within_days": N_("hand over within %(value)s days"),
    "in_time": N_("arrive by the day that was promised"), "all_available": N_("have every piece of the order"),
    "min_confidence": N_("have stock that is believed to %(value)s %%"),
    "min_left": N_("keep %(value)s pieces of each SKU"),
}  # fmt: skip
_BANDS = {"distance": N_("%(band)s km"), "cost": N_("%(band)s in money"), "availability": N_("%(band)s percent"),
          "ships_on": N_("%(band)s days")}  # fmt: skip
_PRICES = (
    ("split", N_("%(price)s for each parcel after the first"), "_"),
    ("capacity", N_("%(price)s for a parcel from a place that is quite full"), "_"),
    ("stockout", N_("%(price)s for a piece whose stock lasts no day (less up to %(days)s days)"), "stockout_days"),
    ("ageing", N_("minus %(price)s for a piece that expires today (less up to %(days)s days)"), "ageing_days"),
    ("late", N_("%(price)s for each day too late"), "_"),
)
_ESTIMATES = {
    "base": N_("where no rate is known: %(price)s a parcel"), "per_unit": N_("%(price)s a piece"),
    "per_km": N_("%(price)s a km"), "per_unit_km": N_("%(price)s a piece and km"), "per_kg": N_("%(price)s a kg"),
}  # fmt: skip
_LEFTOVERS = {
    "next": N_("the next strategy tries"), "queue": N_("it waits for stock or a person"),
    "backorder": N_("it is owed as a backorder"), "wait_until": N_("it waits up to %(days)s days"),
    "cancel_after": N_("it is cancelled after %(days)s days"),
    "transfer_request": N_("a transfer is asked for"),
}  # fmt: skip
