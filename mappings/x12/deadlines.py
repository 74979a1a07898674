"""Until when an 850 wants its goods: dates of DTM and SCH in all their forms, as UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from hub.canonical.errors import BadRecord
from mappings.engine import readers
from mappings.engine.tables import Table

Row = Mapping[str, str]
Rows = Sequence[Row] | None
LAST = 10**9
"""Rank of what a table does not rank."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One qualified date. `day`, `clock` and `code` name their elements in `place`, which is a path."""

    code: str
    day: tuple[str, str]
    clock: tuple[str, str]
    clock_zone: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Codes:
    """Which dates are looked for. kind: `ship_by` or `deliver_by`, a word of the table dates.

    zone: the dealer's IANA time zone, for dates and for times without a time code; UTC where it is not set.
    """

    kind: str
    zone: str | None
    dates: Table
    zones: Table

    @property
    def local(self) -> tzinfo:
        return readers.zone_of({"zone": self.zone or ""}, "zone")


def day_of(text: str, place: str) -> datetime:
    """CCYYMMDD or YYMMDD (70 to 99 are 19xx) at midnight UTC. Raises BadRecord."""
    full = text if len(text) != 6 else ("19" if text[:2] >= "70" else "20") + text
    try:
        if not (full.isascii() and full.isdigit() and len(full) == 8):
            raise ValueError
        found = datetime(int(full[:4]), int(full[4:6]), int(full[6:]), tzinfo=UTC)
    except ValueError:
        raise BadRecord(place, text, "expected a date as CCYYMMDD") from None
    if not 1970 <= found.year <= 9000:
        raise BadRecord(place, text, "expected a year from 1970 on")
    return found


def of_order(dtm: Rows, lines: Sequence[Mapping[str, Rows]], codes: Codes) -> datetime | None:
    """The header's deadline; where it has none, the one that all lines share.

    Raises: BadRecord: naming the element, e.g. `PO1[0].DTM[1].DTM02`.
    """
    found = _best(_of_dtm(dtm, ""), codes)
    if found is None:
        each = {_best(of_line(line, at), codes) for at, line in enumerate(lines)}
        found = each.pop() if len(each) == 1 else None
    return found


def of_line(line: Mapping[str, Rows], at: int) -> Iterator[Dated]:
    """The dates of one line: its DTM, then its schedule (SCH)."""
    yield from _of_dtm(line.get("DTM"), f"PO1[{at}].")
    for number, row in enumerate(line.get("SCH") or ()):
        place = f"PO1[{at}].SCH[{number}]."
        for code, day, clock in (("SCH05", "SCH06", "SCH07"), ("SCH08", "SCH09", "SCH10")):
            if row.get(code) and row.get(day):
                yield Dated(row[code], (row[day], place + day), (row.get(clock, ""), place + clock), ("", place))


def _of_dtm(dtm: Rows, path: str) -> Iterator[Dated]:
    for number, row in enumerate(dtm or ()):
        place, form = f"{path}DTM[{number}].", row.get("DTM05", "").upper()
        day, clock = (row.get("DTM02", ""), place + "DTM02"), (row.get("DTM03", ""), place + "DTM03")
        if not day[0] and row.get("DTM06"):
            day, clock = _period(form, row["DTM06"], place + "DTM06")
        elif len(day[0]) == 6 and form in {"19", "20"}:
            day = (form + day[0], day[1])
        if row.get("DTM01") and day[0].strip("0"):
            yield Dated(row["DTM01"], day, clock, (row.get("DTM04", ""), place + "DTM04"))


def _period(form: str, text: str, place: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Day and clock of DTM06: a date (D8), a date with time (DT), or the end of a span of dates (RD8)."""
    if form == "RD8":
        return (text.rpartition("-")[2], place), ("", place)
    known = {"D8": len(text), "DT": 8}.get(form, 0)
    return (text[:known], place), (text[known:] if known else "", place)


def _best(dates: Iterator[Dated], codes: Codes) -> datetime | None:
    wanted = [dated for dated in dates if codes.dates.cell(dated.code, "deadline") == codes.kind]
    ranked = sorted(wanted, key=lambda dated: codes.dates.cell(dated.code, "rank") or LAST)
    return _moment(ranked[0], codes) if ranked else None


def _moment(dated: Dated, codes: Codes) -> datetime:
    """The moment in UTC; a date without a time lasts until its last second."""
    start = day_of(*dated.day).replace(tzinfo=_zone(*dated.clock_zone, codes))
    clock = dated.clock[0]
    return (start + (_clock(*dated.clock) if clock else timedelta(days=1, seconds=-1))).astimezone(UTC)


def _clock(text: str, place: str) -> timedelta:
    """HH, HHMM, HHMMSS or HHMMSSDD; 2400 is the end of the day."""
    digits = text.ljust(8, "0")
    if text.isascii() and digits.isdigit() and len(digits) == 8:
        hour, minute, second, part = (int(digits[at : at + 2]) for at in range(0, 8, 2))
        if (hour < 24 or digits == "24000000") and minute < 60 and second < 60:
            return timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=part * 10)
    raise BadRecord(place, text, "expected a time as HHMM")


def _zone(code: str, place: str, codes: Codes) -> tzinfo:
    if code.upper() in {"", "LT"}:
        return codes.local
    found: tzinfo | None = codes.zones.cell(code, "zone")
    if found is None:
        raise BadRecord(place, code, "unknown time code: add a row to tables/zones.csv")
    return found
