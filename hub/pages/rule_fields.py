"""The settings of one strategy or batch as fields of a form (`Writing`), and read back from them (`Reading`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.pages.rule_words import from_permille
from hub.rules.routing.conditions import NUMBERS

Fields = dict[str, str]
BANDED = ("distance", "availability", "ships_on", "cost")
PRICES = ("split", "capacity", "stockout", "ageing", "late")
ESTIMATES = ("base", "per_unit", "per_km", "per_unit_km", "per_kg")
LISTS = ("tags", "not_tags", "places", "not_places")
COMMA = re.compile(r"[,，、;；\n]")


class Writing:
    """Turns data into fields; money and numbers as people type them."""

    def __init__(self) -> None:
        self.fields: Fields = {}

    def strategy(self, body: Mapping[str, Any]) -> Fields:
        self.fields |= {"name": body.get("name", "default"), "search": body.get("search", "best")}
        self._group("when", body.get("when") or {})
        self._filters(body.get("filters") or {})
        for n, row in enumerate(body.get("criteria", ())):
            by, band = (row, "") if isinstance(row, str) else (row["by"], row["band"])
            self.fields |= {f"criteria.{n}.by": by, f"criteria.{n}.band": str(band)}
        self._objective(body.get("objective") or {})
        self._plain("split", body.get("split") or {}, {"keep_together": True})
        self._plain("leftover", body.get("leftover") or {}, {"action": "queue"})
        return self.fields

    def batch(self, body: Mapping[str, Any]) -> Fields:
        self.fields["name"] = body.get("name", "")
        self._group("include", body.get("include") or {})
        self._group("exclude", body.get("exclude") or {})
        self.fields |= {f"sort.{n}": word for n, word in enumerate(body.get("sort", ()))}
        return self.fields

    def _group(self, name: str, body: Mapping[str, Any]) -> None:
        """A group in a group has no fields: it is kept as data."""
        for mode, rows in body.items():
            self.fields[f"{name}.mode"] = mode
            inner = [row for row in rows if "field" not in row]
            if inner:
                self.fields[f"{name}.kept"] = json.dumps(inner, ensure_ascii=False)
            for n, row in enumerate(row for row in rows if "field" in row):
                value = row["value"]
                text = ", ".join(value) if isinstance(value, list) else str(value)
                self.fields |= {
                    f"{name}.{n}.field": row["field"],
                    f"{name}.{n}.op": row["op"],
                    f"{name}.{n}.value": text,
                }

    def _filters(self, body: Mapping[str, Any]) -> None:
        for name, value in body.items():
            if name == "kinds":
                self.fields |= {f"filters.kinds.{kind}": "1" for kind in value}
            elif name == "min_confidence":
                self.fields["filters.min_confidence"] = from_permille(value)
            else:
                self.fields[f"filters.{name}"] = ", ".join(value) if isinstance(value, list) else _text(value)

    def _objective(self, body: Mapping[str, Any]) -> None:
        self._plain("objective.estimate", body.get("estimate") or {}, {})
        weights = {name: from_permille(value) for name, value in (body.get("weights") or {}).items()}
        self._plain("objective.weights", weights, {})
        self._plain("objective", {k: v for k, v in body.items() if k not in ("weights", "estimate")}, {})

    def _plain(self, group: str, body: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        self.fields |= {f"{group}.{name}": _text(value) for name, value in {**defaults, **body}.items()}


def _text(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


class Reading:
    """Reads fields into data. `wrong`: name of a field, with `prefix`, -> code word of what is wrong with it."""

    def __init__(self, prefix: str, fields: Mapping[str, str]) -> None:
        self._prefix, self._fields = prefix, fields
        self.wrong: dict[str, str] = {}

    def strategy(self) -> dict[str, Any]:
        body: dict[str, Any] = {"name": self._get("name"), "search": self._get("search") or "best"}
        sections = {
            "when": self.group("when"), "filters": self._filters(), "objective": self._objective(),
            "split": self._split(), "leftover": self._leftover(),
        }  # fmt: skip
        body |= {name: section for name, section in sections.items() if section}
        if body["search"] != "cheapest":
            body["criteria"] = self._criteria()
        return body

    def batch(self) -> dict[str, Any]:
        body: dict[str, Any] = {"name": self._get("name"), "include": self.group("include")}
        exclude = self.group("exclude")
        body |= {"exclude": exclude} if exclude else {}
        return body | {"sort": [word for n in self._rows("sort", "") if (word := self._get(f"sort.{n}"))]}

    def whole(self, name: str, least: int = 0) -> int | None:
        """None where nothing stands there."""
        text = self._get(name)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) >= least:
            return int(text)
        self._blame(name, "whole")
        return None

    def group(self, name: str) -> dict[str, Any]:
        """The conditions of a group; rows without a field are empty ones."""
        rows = [self._condition(f"{name}.{n}") for n in self._rows(name, ".field")]
        parts = [*rows, *self._kept(f"{name}.kept")]
        mode = "any" if self._get(f"{name}.mode") == "any" else "all"
        return {mode: parts} if parts else {}

    def _kept(self, name: str) -> list[Any]:
        """Groups inside the group: data that the form only carries."""
        try:
            found = json.loads(self._get(name) or "[]")
        except ValueError:
            found = None
        if isinstance(found, list):
            return found
        self._blame(name, "text")
        return []

    def _condition(self, at: str) -> dict[str, Any]:
        field, op, text = (self._get(f"{at}.{part}") for part in ("field", "op", "value"))
        body: dict[str, Any] = {"field": field, "op": op, "value": text}
        if not text:
            self._blame(f"{at}.value", "text")
        elif op in ("any_of", "none_of", "all_of"):
            body["value"] = _codes(text)
        elif field == "value":
            body["value"] = self._money(f"{at}.value")
        elif field in NUMBERS:
            body["value"] = self.whole(f"{at}.value")
        if field == "country" and isinstance(body["value"], (str, list)):
            upper = body["value"]
            body["value"] = upper.upper() if isinstance(upper, str) else [code.upper() for code in upper]
        return body

    def _filters(self) -> dict[str, Any]:
        at = "filters."
        body: dict[str, Any] = {name: _codes(text) for name in LISTS if (text := self._get(at + name))}
        kinds = [kind for kind in ("warehouse", "store", "supplier") if self._get(f"filters.kinds.{kind}")]
        body |= {"kinds": kinds} if kinds else {}
        body |= {name: True for name in ("in_time", "all_available") if self._get(at + name)}
        for name in ("max_km", "within_days", "min_left"):
            number = self.whole(at + name)
            body |= {name: number} if number is not None else {}
        trust = self._permille("filters.min_confidence")
        return body | ({"min_confidence": trust} if trust else {})

    def _criteria(self) -> list[Any]:
        rows, names = [], []
        for n in self._rows("criteria", ".by"):
            by, at = self._get(f"criteria.{n}.by"), f"criteria.{n}.band"
            if by in names:
                self._blame(f"criteria.{n}.by", "twice")
            names.append(by)
            band = (self._money(at) if by == "cost" else self.whole(at, 1)) if by in BANDED else None
            rows.append({"by": by, "band": band} if band else by)
        return rows

    def _objective(self) -> dict[str, Any]:
        body: dict[str, Any] = {name: price for name in PRICES if (price := self._money(f"objective.{name}"))}
        for name in ("stockout_days", "ageing_days"):
            days = self.whole(f"objective.{name}", 1)
            body |= {name: days} if days is not None else {}
        estimate = {name: price for name in ESTIMATES if (price := self._money(f"objective.estimate.{name}"))}
        names = [name.rpartition(".")[2] for name in self._fields if name.startswith("objective.weights.")]
        weights = {name: self._permille(f"objective.weights.{name}") for name in names}
        weights = {name: weight for name, weight in weights.items() if weight is not None}
        return body | ({"estimate": estimate} if estimate else {}) | ({"weights": weights} if weights else {})

    def _split(self) -> dict[str, Any]:
        most, value = self.whole("split.most", 1), self._money("split.min_part_value")
        body: dict[str, Any] = {"most": most} if most is not None else {}
        body |= {"fewest": True} if self._get("split.fewest") else {}
        body |= {"min_part_value": value} if value else {}
        return body | ({} if self._get("split.keep_together") else {"keep_together": False})

    def _leftover(self) -> dict[str, Any]:
        action = self._get("leftover.action") or "queue"
        body: dict[str, Any] = {"action": action}
        if action in ("wait_until", "cancel_after"):
            body["days"] = self.whole("leftover.days", 1)
            if body["days"] is None:
                self._blame("leftover.days", "days")
        body |= {name: True for name in ("partial", "keep") if self._get(f"leftover.{name}")}
        prices = {name: self._money(f"leftover.{name}") for name in ("unfilled_order", "unfilled_piece")}
        return body | {name: price for name, price in prices.items() if price is not None}

    def _rows(self, name: str, end: str) -> list[int]:
        """The numbers of the rows that are filled, ascending."""
        pattern = re.compile(rf"{re.escape(name)}\.(\d{{1,3}}){re.escape(end)}$")
        found = [(int(hit[1]), value) for key, value in self._fields.items() if (hit := pattern.match(key))]
        return sorted(n for n, value in found if value)

    def _get(self, name: str) -> str:
        return self._fields.get(name, "")

    def _blame(self, name: str, why: str) -> None:
        self.wrong[self._prefix + name] = why

    def _money(self, name: str) -> str | None:
        """The amount as text, as the rules want it; None where nothing stands there."""
        text = self._get(name)
        amount = _decimal(text) if text else None
        if text and (amount is None or not 0 <= amount < 10**9 or amount * 10**6 % 1):
            self._blame(name, "amount")
            return None
        return format(amount, "f") if amount is not None else None

    def _permille(self, name: str) -> int | None:
        text = self._get(name)
        percent = _decimal(text) if text else None
        if text and (percent is None or not 0 <= percent <= 10_000 or percent * 10 % 1):
            self._blame(name, "percent")
            return None
        return int(percent * 10) if percent is not None else None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _codes(text: str) -> list[str]:
    """A list as people type it: parted by commas, in either language."""
    return [code for part in COMMA.split(text) if (code := part.strip())]
