"""Why stock is changed by hand: a small table of reason codes, and free words beside or instead of them."""

from __future__ import annotations

from dataclasses import dataclass

from hub.canonical.errors import BadInput
from hub.canonical.told import told


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of the table. `sign`: 1 only adds, -1 only takes away, 0 does either."""

    code: str
    sign: int
    en: str
    zh_CN: str


REASONS = (
    Reason("received", 1, "Received", "到货入库"),
    Reason("returned", 1, "Came back from a buyer", "买家退回"),
    Reason("found", 1, "Found", "盘盈"),
    Reason("made", 1, "Made or assembled", "生产或组装入库"),
    Reason("lost", -1, "Lost", "盘亏"),
    Reason("damaged", -1, "Broken or spoiled", "损坏"),
    Reason("expired", -1, "Past its date", "过期"),
    Reason("stolen", -1, "Stolen", "被盗"),
    Reason("sample", -1, "Sample or gift", "样品或赠品"),
    Reason("own_use", -1, "Used by ourselves", "自用"),
    Reason("to_supplier", -1, "Sent back to the supplier", "退回供应商"),
    Reason("correction", 0, "Booked wrongly before", "更正记账错误"),
    Reason("other", 0, "Other", "其他"),
)
BY_CODE = {reason.code: reason for reason in REASONS}
MOVEMENTS = frozenset(("received", "returned", "made", "sample", "own_use", "to_supplier"))
"""Codes of pieces that came or went. All others, and words of one's own, say that the books were wrong."""


def check_reason(text: str, by: int) -> str:
    """The reason as it is kept: `code`, `code: words`, or words of one's own.

    Args:   by: the pieces that are added (taken away below 0).
    Raises: BadInput: no reason at all, or a code that goes the other way.
    """
    words = text.strip()
    if not words:
        raise BadInput(f"a stock change needs a reason: words of your own, or a code ({', '.join(BY_CODE)})")
    found = BY_CODE.get(words.partition(":")[0])
    if found is not None and found.sign * by < 0:
        verb = told("adds pieces") if found.sign > 0 else told("takes pieces away")
        raise BadInput(
            f"the reason {found.code} {verb}, but {by:+d} was asked: turn the number round, or choose another"
        )
    return words


def is_finding(text: str) -> bool:
    """Whether a kept reason says that the books were wrong, which a count of the same shelf may have found as well."""
    return text.partition(":")[0] not in MOVEMENTS


def reason_words(text: str, language: str) -> str:
    """A kept reason as people read it, in English ("en") or Chinese ("zh_CN"); words of one's own stay as they are."""
    code, colon, words = text.partition(":")
    found = BY_CODE.get(code)
    if found is None:
        return text
    name = found.zh_CN if language == "zh_CN" else found.en
    return f"{name}: {words.strip()}" if colon and words.strip() else name
