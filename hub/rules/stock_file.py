"""Stock files: what their headers and cells mean, and what each row would change."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from hub.canonical.errors import BadInput
from hub.canonical.told import told

HEADERS: Mapping[str, tuple[str, ...]] = {
    "sku": (
        "sku",
        "item",
        "item no",
        "article",
        "article no",
        "product code",
        "商品编码",
        "商品编号",
        "货号",
        "sku编码",
    ),
    "warehouse": ("warehouse", "location", "place", "仓库", "仓库编码", "仓库代码"),
    "quantity": ("quantity", "qty", "pieces", "on hand", "stock", "数量", "库存", "库存数量", "在库数量"),
    "lot": ("lot", "lot no", "batch", "batch no", "批次", "批号", "批次号"),
    "expires_on": ("expires on", "expiry", "expiry date", "best before", "有效期", "有效期至", "到期日", "到期日期"),
}
"""Column -> the headers that mean it (lower case, blanks for - and _)."""
LARGEST = 10**12
LONGEST = 200
_WHOLE = re.compile(r"([+-]?\d{1,13})(?:\.0+)?")
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00(?::00)?)?")

Key = tuple[str, str, str]
"""(sku, warehouse, lot)"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row. `line`: its number in the file; `problem`: why it cannot be used, "" where it can.

    before: pieces in the books when the file was read; after: what the row makes of them. status: new, changed, same,
    problem. seen: the newest change of its shelf that `before` knows of, 0 where there was none.
    """

    line: int
    sku: str
    warehouse: str
    quantity: int
    lot: str = ""
    expires_on: str | None = None
    before: int = 0
    after: int = 0
    status: str = "same"
    problem: str = ""
    seen: int = 0

    @property
    def key(self) -> Key:
        return (self.sku, self.warehouse, self.lot)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Books:
    """What the books say of the SKUs and warehouses of a file.

    on_hand, bound: pieces of each (sku, warehouse, lot), and those of them that are promised, damaged or on quality
    hold. kits: SKUs that have no stock of their own. lots: (sku, lot) -> its last good day as ISO text, or None.
    seen: the newest change of each shelf that `on_hand` knows of.
    """

    skus: frozenset[str]
    warehouses: frozenset[str]
    kits: frozenset[str]
    on_hand: Mapping[Key, int]
    bound: Mapping[Key, int]
    lots: Mapping[tuple[str, str], str | None]
    seen: Mapping[Key, int] = field(default_factory=dict)


def read_header(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which. Columns with other headers are left alone.

    Raises: BadInput: no column for SKU or quantity, or two for the same thing.
    """
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = next((name for name, words in HEADERS.items() if _plain(cell) in words), None)
        if name in found:
            raise BadInput(f"columns {found[name] + 1} and {at + 1} both mean {name}: take one of them out")
        if name is not None:
            found[name] = at
    for name in ("sku", "quantity"):
        if name not in found:
            raise BadInput(f"no column says the {name}: name one of them {', '.join(HEADERS[name])}")
    return found


def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKC", header).strip("\ufeff \t").lower()
    return " ".join(re.sub(r"[-_]", " ", text).split())


def read_row(line: int, cells: Sequence[str], columns: Mapping[str, int], warehouse: str) -> FileRow:
    """One row as it stands in the file; `warehouse` is meant where the row names none."""

    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return cells[at].strip() if at < len(cells) else ""

    texts = {name: cell(name) for name in HEADERS}
    problems = [_bad_text(name, texts[name]) for name in ("sku", "warehouse", "lot")]
    quantity, why = _pieces(texts["quantity"])
    expires_on, unread = _day(texts["expires_on"])
    place = texts["warehouse"] or warehouse
    missing = "" if place else told("no warehouse: fill its column in, or name one for the whole file")
    unlotted = told("a last good day needs a lot") if expires_on and not texts["lot"] else ""
    empty = "" if texts["sku"] else told("no SKU")
    problem = next(filter(None, (*problems, empty, missing, why, unread, unlotted)), "")
    return FileRow(line, texts["sku"][:LONGEST], place[:LONGEST], quantity, texts["lot"][:LONGEST], expires_on,
                   problem=problem)  # fmt: skip


def _bad_text(name: str, text: str) -> str:
    if text.startswith("="):
        return told(f"{name} is a formula, which is not worked out here: save the file with values")
    bad = len(text) > LONGEST or any(unicodedata.category(char) == "Cc" for char in text)
    return told(f"{name} {text[:40]!r}: use 1 to {LONGEST} characters without control signs") if bad else ""


def _pieces(text: str) -> tuple[int, str]:
    """(pieces, why not)"""
    plain = unicodedata.normalize("NFKC", text)
    if plain.startswith("="):
        return 0, told("the quantity is a formula, which is not worked out here: save the file with values")
    found = _WHOLE.fullmatch(plain)
    if found is None or abs(int(found[1])) >= LARGEST:
        return 0, told(f"quantity {text[:40]!r}: use a whole number without separators, such as 1200")
    return int(found[1]), ""


def _day(text: str) -> tuple[str | None, str]:
    """(ISO date, why not)"""
    if not text:
        return None, ""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
    try:
        return (date(int(found[1]), int(found[2]), int(found[3])).isoformat(), "") if found else (None, _no_day(text))
    except ValueError:
        return None, _no_day(text)


def _no_day(text: str) -> str:
    return told(f"last good day {text[:40]!r}: write it as 2026-11-30")


def judge(rows: Iterable[FileRow], books: Books, mode: str) -> tuple[FileRow, ...]:
    """What each row would change; rows that are not in the file change nothing: missing is not 0.

    Args:    mode: "set": the number is what lies there; "add": it is added.
    Returns: the same rows with before, after, status and problem.
    """
    given = list(rows)
    times = Counter(row.key for row in given)
    sums = dict(books.on_hand)
    in_lots = {key[:2] for key, count in books.on_hand.items() if key[2] and count} if mode == "set" else set()
    unnamed = {(*shelf, "") for shelf in in_lots - {row.key[:2] for row in given if row.lot}}
    return tuple(
        _judged(row, books, mode, sums, _clash(row, books, mode, times[row.key] > 1, unnamed)) for row in given
    )


def _judged(row: FileRow, books: Books, mode: str, sums: dict[Key, int], clash: str) -> FileRow:
    before = sums.get(row.key, 0)
    after = before + row.quantity if mode == "add" else row.quantity
    problem = row.problem or _unknown(row, books) or clash or _too_few(row, books, after)
    if problem:
        return replace(row, before=before, after=before, status="problem", problem=problem)
    sums[row.key] = after
    changed = "changed" if after != before else "same"
    status = changed if row.key in books.on_hand else "new"
    return replace(row, before=before, after=after, status=status, seen=books.seen.get(row.key, 0))


def _unknown(row: FileRow, books: Books) -> str:
    if row.sku not in books.skus:
        return told(f"there is no SKU {row.sku!r}: add it first, or mend the file")
    if row.sku in books.kits:
        return told(f"{row.sku} is a kit and has no stock of its own: give its components")
    if row.warehouse not in books.warehouses:
        return told(f"there is no warehouse {row.warehouse!r}: add it first, or mend the file")
    return ""


def _clash(row: FileRow, books: Books, mode: str, repeated: bool, unnamed: Collection[Key]) -> str:
    """`unnamed`: shelves where lots lie of which the file names none."""
    if repeated and mode == "set":
        return told(f"{row.sku} in {row.warehouse} stands in several rows: keep one, with the whole number")
    if row.key in unnamed:
        return told(f"{row.sku} lies in {row.warehouse} in lots: give a row for each lot, with its name")
    known = books.lots.get((row.sku, row.lot))
    if row.expires_on and known and known != row.expires_on:
        return told(f"lot {row.lot} is good until {known} in the books, not {row.expires_on}")
    return ""


def _too_few(row: FileRow, books: Books, after: int) -> str:
    bound = books.bound.get(row.key, 0)
    if after < 0 or after < bound:
        return told(
            f"{after} pieces would remain, and {bound} are promised, damaged or on quality hold: move orders first"
        )
    return "" if after < LARGEST else told(f"{after} pieces: expected a number below {LARGEST}")
