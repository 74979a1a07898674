"""Which known SKUs an unknown one may mean: a short list for a person to choose from, never a decision."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

LEAST = 0.55
"""Texts less alike than this are not proposed."""

LONGEST = 200
"""Characters of a text that are looked at."""

SHORTLIST = 50
"""So many SKUs, those that share most pairs of letters, are compared in full."""


@dataclass(frozen=True, slots=True)
class KnownSku:
    """One SKU of ours with what it may be recognized by."""

    sku: str
    barcode: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """`score` from 0 to 1; `by` says what was alike: barcode, sku or title."""

    sku: str
    score: float
    by: str


def similar_skus(
    text: str, known: Iterable[KnownSku], *, barcode: str | None = None, title: str | None = None, top: int = 5
) -> tuple[Similar, ...]:
    """The known SKUs most like an unknown one.

    Args:    text: the SKU as the channel wrote it. barcode, title: of the channel's line, where it has them.
    Returns: at most `top`, best first: equal barcodes (score 1), then SKUs that differ only in case, width or
             separators (1), then by likeness of SKU or title (>= `LEAST`); ties by SKU. Codes with other numbers in
             them are other products, however much they look alike: their titles alone say whether one may be meant.
    """
    asked = _Asked(_folded(text), _digits(barcode) or _digits(text), _words(title))
    rows = list(known)
    near = heapq.nlargest(SHORTLIST, rows, key=lambda row: (asked.overlap(row), row.sku))
    scored = {row.sku: found for row in (*near, *asked.same_barcode(rows)) if (found := asked.score(row))}
    ranked = sorted(scored.values(), key=lambda found: (-found.score, found.by != "barcode", found.sku))
    return tuple(ranked[:top])


@dataclass(frozen=True, slots=True)
class _Asked:
    sku: str
    barcode: str
    title: str

    def same_barcode(self, rows: Iterable[KnownSku]) -> list[KnownSku]:
        return [row for row in rows if self.barcode and _digits(row.barcode) == self.barcode]

    def overlap(self, row: KnownSku) -> float:
        """A cheap upper guess of the likeness: shared pairs of letters."""
        sku = _shared(_pairs(self.sku), _pairs(_folded(row.sku)))
        return max(sku, _shared(_pairs(self.title), _pairs(_words(row.title))))

    def score(self, row: KnownSku) -> Similar | None:
        if self.barcode and _digits(row.barcode) == self.barcode:
            return Similar(row.sku, 1.0, "barcode")
        by_sku = _code_likeness(self.sku, _folded(row.sku))
        by_title = _likeness(self.title, _words(row.title))
        best, by = (by_sku, "sku") if by_sku >= by_title else (by_title, "title")
        return Similar(row.sku, best, by) if best >= LEAST else None


def _folded(text: str | None) -> str:
    """Letters and digits only, one width and case: "ＡＢ-12 c" -> "ab12c"."""
    return "".join(c for c in _plain(text) if c.isalnum())


def _words(text: str | None) -> str:
    return " ".join(_plain(text).split())


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFKC", (text or "")[:LONGEST]).casefold()


def _digits(barcode: str | None) -> str:
    """A GTIN without leading zeros (UPC 12 and EAN 13 of one article are equal); "" where it is none."""
    digits = "".join(c for c in barcode or "" if c not in " -")
    is_gtin = digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 14
    return digits.lstrip("0") if is_gtin else ""


def _pairs(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(max(1, len(text) - 1))) if text else Counter()


def _shared(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if a and b else 0.0


def _code_likeness(a: str, b: str) -> float:
    """As `_likeness`, and 0 where the numbers in two folded codes differ (012 is 12)."""
    return _likeness(a, b) if _numbers(a) == _numbers(b) else 0.0


def _numbers(folded: str) -> list[str]:
    return [digits.lstrip("0") for digits in re.findall(r"\d+", folded)]


def _likeness(a: str, b: str) -> float:
    """0 to 1, the same whichever comes first."""
    if not a or not b:
        return 0.0
    first, second = sorted((a, b))
    return round(SequenceMatcher(None, first, second, autojunk=False).ratio(), 3)
