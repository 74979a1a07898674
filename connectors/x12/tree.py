"""One 850 transaction as a tree of dicts and lists, named as the standard names them: what `mappings/x12` reads.

    {"sender": "...", "receiver": "...", "usage": "P", "sent_on": "20261123", "sent_time": "0930",
     "BEG": {"BEG01": "00", "BEG02": "SA", "BEG03": "4711", "BEG05": "20261123"}, "CUR": {"CUR02": "USD"},
     "REF": [{"REF01": "DP", "REF02": "19"}], "DTM": [...], "PER": [...], "MSG": [...], "SAC": [...], "AMT": [...],
     "N1": {"ST": {"N101": "ST", "N102": "...", "N2": [...], "N3": [...], "N4": {"N401": "..."}, "PER": [...]}},
     "PO1": [{"ref": "1", "at": 0, "PO101": "1", "PO102": "6", "ids": {"VN": "A-1"}, "PID": [...], "DTM": [...]}]}

Empty elements are left out. Loops: N1 (party, the first of each role), PO1 (line), SLN (part of a line), N1 inside PO1.
`ref` is the line's PO101; where one is missing or stands twice, every line takes its position (1, 2, ...).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.x12.tokenizer import Segment
from hub.canonical.errors import BadRecord

Tree = dict[str, Any]
_ONCE = ("BEG", "CUR", "N4")
_PARTY = ("N2", "N3", "N4", "NX2", "PER", "REF", "SI", "FOB", "TD1", "TD3", "TD4", "TD5", "PKG")
_PIECE = ("PID", "SAC", "MSG", "TC2", "DTM", "CTP", "PO3", "ADV", "TAX", "SI")
_ITEM_PAIRS = range(6, 26, 2)


def purchase_order(segments: Sequence[Segment], envelope: Tree) -> Tree:
    """The tree of one 850, from ST to SE.

    Raises: BadRecord: BEG is missing or not the first segment, or there is no line (PO1).
    """
    builder = _TreeBuilder(dict(envelope))
    for segment in segments[1:-1]:
        builder.add(segment)
    tree = builder.tree
    if len(segments) < 2 or segments[1].tag != "BEG":
        found = segments[1].tag if len(segments) > 1 else ""
        raise BadRecord("BEG", found, "expected BEG, the beginning of a purchase order, right after ST")
    for name, why in (("BEG01", "a purpose code such as 00"), ("BEG03", "a purchase order number")):
        if name not in tree["BEG"]:
            raise BadRecord(f"BEG.{name}", None, f"expected {why}")
    if "PO1" not in tree:
        raise BadRecord("PO1", None, "expected at least one line (PO1)")
    _number_lines(tree["PO1"])
    _one_destination(tree)
    return tree


def _one_destination(tree: Tree) -> None:
    """A destination that only the lines name, and all of them the same, is the order's."""
    first = tree["PO1"][0].get("N1", {}).get("ST")
    if first and "ST" not in tree.get("N1", {}) and all(line.get("N1", {}).get("ST") == first for line in tree["PO1"]):
        tree.setdefault("N1", {})["ST"] = first


def _number_lines(lines: list[Tree]) -> None:
    assigned = [line.get("PO101") for line in lines]
    usable = None not in assigned and len(set(assigned)) == len(assigned)
    for at, line in enumerate(lines):
        line["at"], line["ref"] = at, assigned[at] if usable else str(at + 1)


def named(segment: Segment) -> Tree:
    """Elements by name, empty ones left out: `N1*ST**92*0085` -> {"N101": "ST", "N103": "92", "N104": "0085"}."""
    return {f"{segment.tag}{at:02}": value for at, value in enumerate(segment.elements, 1) if value}


class _TreeBuilder:
    """Puts each segment where its loop is open."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._line: Tree | None = None
        self._piece: Tree | None = None
        self._party: Tree | None = None

    def add(self, segment: Segment) -> None:
        openers = {"PO1": self._open_line, "SLN": self._open_piece, "N1": self._open_party, "CTT": self._close_lines}
        if segment.tag in openers:
            openers[segment.tag](segment)
        else:
            _put(self._place(segment.tag), segment)

    def _place(self, tag: str) -> Tree:
        """The innermost open loop that this segment belongs to."""
        if self._party is not None and tag in _PARTY:
            return self._party
        self._party = None
        if self._piece is not None and tag in _PIECE:
            return self._piece
        self._piece = None
        return self.tree if self._line is None else self._line

    def _open_line(self, segment: Segment) -> None:
        self._party = self._piece = None
        self._line = named(segment) | {"ids": _ids(segment)}
        self.tree.setdefault("PO1", []).append(self._line)

    def _open_piece(self, segment: Segment) -> None:
        self._party = None
        self._piece = named(segment)
        (self.tree if self._line is None else self._line).setdefault("SLN", []).append(self._piece)

    def _open_party(self, segment: Segment) -> None:
        self._piece = None
        self._party = named(segment)
        place = self.tree if self._line is None else self._line
        place.setdefault("N1", {}).setdefault(segment.at(1).upper() or "?", self._party)

    def _close_lines(self, segment: Segment) -> None:
        self._party = self._piece = self._line = None
        _put(self.tree, segment)


def _put(place: Tree, segment: Segment) -> None:
    """Once-only segments as a dict (the first counts), all others as a list."""
    if segment.tag in _ONCE:
        place.setdefault(segment.tag, named(segment))
    else:
        place.setdefault(segment.tag, []).append(named(segment))


def _ids(segment: Segment) -> dict[str, str]:
    """Product ids by qualifier, from the pairs PO106/PO107, PO108/PO109 ...; the first of a qualifier counts."""
    ids: dict[str, str] = {}
    for at in _ITEM_PAIRS:
        if segment.at(at) and segment.at(at + 1):
            ids.setdefault(segment.at(at).upper(), segment.at(at + 1))
    return ids
