"""A ruleset as a form and back: every setting has a field whose name is its path in the ruleset's data.

A strategy's fields are named s0.name, s0.filters.max_km, s0.when.1.value, s0.criteria.0.by; a batch's b0.sort.0.
What a person typed is kept as typed until all of it can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.pages.rule_fields import Reading, Writing

Fields = dict[str, str]
PART = re.compile(r"^([sb])(\d{1,3})\.(.+)$")
MOST_STRATEGIES = 60


@dataclass
class RuleForm:
    """What stands in the form. Each strategy and batch holds its fields without the number in front."""

    name: str = ""
    improve: str = ""
    strategies: list[Fields] = field(default_factory=list)
    batches: list[Fields] = field(default_factory=list)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> RuleForm:
        """The form of a ruleset's data, as `Ruleset.to_dict` gives it."""
        return cls(
            str(body.get("name", "")), str(body.get("improve") or ""),
            [Writing().strategy(row) for row in body.get("strategies", ())],
            [Writing().batch(row) for row in body.get("batches", ())],
        )  # fmt: skip

    @classmethod
    def typed(cls, pairs: Iterable[tuple[str, str]]) -> RuleForm:
        """What was sent. Fields that no form has are left aside."""
        form = cls()
        parts: dict[tuple[str, int], Fields] = {}
        for name, value in pairs:
            found = PART.match(name)
            if found:
                parts.setdefault((found[1], int(found[2])), {})[found[3]] = value.strip()
            elif name in ("name", "improve"):
                setattr(form, name, value.strip())
        for (kind, _), fields in sorted(parts.items()):
            (form.strategies if kind == "s" else form.batches).append(fields)
        return form

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The data, and the fields that cannot be read with a code word of the label kind "rule_problem"."""
        read = Reading("", {"improve": self.improve})
        body: dict[str, Any] = {"name": self.name} if self.name else {}
        improve = read.whole("improve")
        body |= {"improve": improve} if improve else {}
        wrong = dict(read.wrong)
        for kind, title, rows in (("b", "batches", self.batches), ("s", "strategies", self.strategies)):
            body[title] = []
            for n, fields in enumerate(rows):
                part = Reading(f"{kind}{n}.", fields)
                body[title].append(part.strategy() if kind == "s" else part.batch())
                wrong |= part.wrong
        if not body["batches"]:
            del body["batches"]
        return body, wrong | self._names()

    def _names(self) -> dict[str, str]:
        """Strategies are told apart by their names: in the list of changes, in decisions and in simulations."""
        names = [fields.get("name", "") for fields in self.strategies]
        return {f"s{n}.name": "name" for n, name in enumerate(names) if not name or name in names[:n]}

    def act(self, what: str) -> str:
        """Do what a button says: move a part up or down or remove it (`up:s1`), add a batch (`add:b`).

        `more:s1` only shows the form again, with fresh empty rows.
        Returns: the name of the part to look at, such as "s0"; empty where the button means nothing.
        """
        verb, _, part = what.partition(":")
        found = re.fullmatch(r"([sb])(\d{0,3})", part)
        if not found:
            return ""
        rows = self.strategies if found[1] == "s" else self.batches
        if verb == "add" and found[1] == "b":
            rows.append({})
            return f"b{len(rows) - 1}"
        at = int(found[2]) if found[2] else len(rows)
        return f"{found[1]}{_do(rows, verb, at)}" if at < len(rows) else ""

    def add(self, strategies: Iterable[Mapping[str, Any]]) -> str:
        """Put ready strategies in front, so that an all-embracing one below does not hide them; names stay unique."""
        new = [Writing().strategy(row) for row in strategies]
        for fields in new:
            fields["name"] = self._free_name(fields["name"])
        self.strategies[:0] = new
        return "s0"

    def _free_name(self, name: str) -> str:
        taken = {fields.get("name", "") for fields in self.strategies}
        free = (text for n in range(1, MOST_STRATEGIES + 2) if (text := name if n == 1 else f"{name} {n}") not in taken)
        return next(free)


def _do(rows: list[Fields], verb: str, at: int) -> int:
    """The place of the part afterwards."""
    if verb == "remove":
        del rows[at]
        return max(0, at - 1)
    elif verb in ("up", "down"):
        to = at - 1 if verb == "up" else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
            return to
    return at


def place_of(error: str) -> tuple[str, str]:
    """The field that an error of the rules means, and its text without the path in front.

    "ruleset.strategies[1].filters.max_km = 'x': use …" -> ("s1.filters.max_km", "use …"); no path: ("", the text).
    """
    found = re.match(r"ruleset\.([\w.\[\]]+)(?: = .*?)?: (.*)", error, re.DOTALL)
    if not found:
        return "", error
    path = re.sub(r"^(strategies|batches)\[(\d+)\]", lambda part: f"{part[1][0]}{part[2]}", found[1])
    path = re.sub(r"\.(all|any)\[(\d+)\]", r".\2", path)
    return re.sub(r"\[(\d+)\]", r".\1", path), found[2]
