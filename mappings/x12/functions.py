"""What YAML cannot say about an 850: X12 dates, implied decimals, price bases, preferred product ids, totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from hub.canonical.amounts import exact, plain
from hub.canonical.errors import BadRecord
from hub.canonical.order import Charge, OrderLine, ShippingCharge
from mappings.engine.tables import Table, read_table

Row = Mapping[str, str]
Rows = Sequence[Row] | None
_MICRO = Decimal("0.000001")
_CHANGES = {"01", "03", "05"}
_LONGEST_REF = 100


@cache
def _table(name: str) -> Table:
    file = f"tables/{name}.csv"
    return read_table(name, file, files("mappings.x12").joinpath(file).read_text("utf-8"))


def _cell(table: str, key: str | None, column: str) -> str | None:
    row = _table(table).rows.get((key or "").lower())
    return None if row is None else str(row[column])


def order_ref(sender: str, number: str, release: str | None) -> str:
    """`sender:number`, unique per dealer; an order released under a blanket order adds `/release`."""
    ref = f"{sender}:{number}" + (f"/{release}" if release else "")
    if len(ref) > _LONGEST_REF:
        raise BadRecord("BEG.BEG03", number, f"expected at most {_LONGEST_REF} characters together with the sender")
    return ref


def date(value: Any, place: str) -> datetime | None:
    """CCYYMMDD or YYMMDD (70 to 99 are 19xx) at midnight UTC."""
    text = str(value).strip()
    return None if not text else _day(text, place)


def _day(text: str, place: str) -> datetime:
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


def sent_at(day: str | None, clock: str | None) -> datetime | None:
    """GS04 and GS05 (HHMM, HHMMSS or HHMMSSDD) as UTC; None where they are no time."""
    try:
        start = _day(day or "", "GS04")
        digits = (clock or "").ljust(8, "0")
        hour, minute, second, part = (int(digits[at : at + 2]) for at in range(0, 8, 2))
        return start.replace(hour=hour, minute=minute, second=second, microsecond=part * 10_000)
    except (BadRecord, ValueError):
        return None


def updated_at(purpose: str, placed: datetime | None, day: str | None, clock: str | None) -> datetime | None:
    """The order's date for an original, so that a copy sent again undoes no change; the group's time for a change."""
    if purpose not in _CHANGES:
        return placed
    sent = sent_at(day, clock)
    after = placed + timedelta(seconds=1) if placed else None
    return max((moment for moment in (sent, after) if moment), default=None)


def item_id(ids: Mapping[str, str] | None, first: str | None) -> str | None:
    """The product id that is ours: the setting's qualifier, then by rank of tables/item_ids.csv, then any."""
    known = ids or {}
    if first and first.upper() in known:
        return known[first.upper()]
    ranked = sorted(known, key=lambda qualifier: int(_cell("item_ids", qualifier, "rank") or 99))
    return known[ranked[0]] if ranked else None


def words(value: Any, place: str) -> str | None:
    """Text; None where the element is absent."""
    return str(value).strip() or None if value is not None else None


def unit(value: Any, place: str) -> str | None:
    """A unit of measure as the dealer wrote it, e.g. EA, CA, DZ."""
    text = str(value).strip().upper()
    if text and not (len(text) <= 3 and text.isalnum()):
        raise BadRecord(place, value, "expected a unit of 2 characters such as EA")
    return text or None


def country(value: Any, place: str) -> str | None:
    """Two letters; three-letter codes are looked up, other texts stay as they are."""
    text = str(value).strip().upper()
    return _cell("countries", text, "alpha2") or text or None


def charge(value: Any, place: str) -> str | None:
    """What a charge is for: by tables/charges.csv, else the dealer's code."""
    text = str(value).strip()
    return _cell("charges", text, "kind") or text or None


def cents(value: Any, place: str) -> Decimal | None:
    """X12 type N2: two implied decimals (`1250` is 12.50); a text with a point is taken as it is."""
    text = str(value).strip()
    if not text:
        return None
    number = exact(text, place)
    return _micro(number if "." in text else number.scaleb(-2))


def _micro(number: Decimal) -> Decimal:
    """At most six decimals."""
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -6 else number.quantize(_MICRO, ROUND_HALF_EVEN)


def _per(basis: str | None) -> int:
    return int(_cell("price_bases", basis, "per") or 1)


def unit_price(price: str | None, basis: str | None, at: int) -> Decimal | None:
    """PO104 for one unit: a price per hundred (HP) is divided by 100."""
    if not price:
        return None
    number, per = exact(price, f"PO1[{at}].PO104"), _per(basis)
    return _micro(number if per == 1 else number / per)


def line_total(
    price: str | None, basis: str | None, at: int, quantity: Decimal, discount: Decimal | None, tax: Decimal | None
) -> Decimal | None:
    """Quantity x price - discount + tax; None where the price is unknown or only a list price (SR, CA ...)."""
    if not price or _cell("price_bases", basis, "charged") == "no":
        return None
    gross = quantity * exact(price, f"PO1[{at}].PO104") / _per(basis)
    return _micro(gross - (discount or Decimal(0)) + (tax or Decimal(0)))


def _amounts(rows: Rows, flag: tuple[str, str], element: str) -> list[Decimal]:
    name, wanted = flag
    found = (cents(row[element], element) for row in rows or () if row.get(name) == wanted and row.get(element))
    return [amount for amount in found if amount is not None]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def allowances(sac: Rows, ita: Rows) -> Decimal | None:
    """Sum of the allowances (SAC01 or ITA01 = A)."""
    return _sum([*_amounts(sac, ("SAC01", "A"), "SAC05"), *_amounts(ita, ("ITA01", "A"), "ITA07")])


def freight(sac: Rows) -> Decimal | None:
    """Sum of the charges for shipping."""
    rows = [row for row in sac or () if row.get("SAC02") in ("D240", "G821", "G830")]
    return _sum(_amounts(rows, ("SAC01", "C"), "SAC05"))


def taxes(txi: Rows) -> Decimal | None:
    """Sum of TXI02, which has an explicit decimal point."""
    return _sum(_micro(exact(row["TXI02"], "TXI.TXI02")) for row in txi or () if row.get("TXI02"))


def discount_total(sac: Rows, ita: Rows, lines: Sequence[OrderLine]) -> Decimal | None:
    """Allowances of the header and of the lines."""
    return _sum([allowances(sac, ita), *(line.discount for line in lines)])


def tax_total(txi: Rows, lines: Sequence[OrderLine]) -> Decimal | None:
    """Taxes of the header and of the lines."""
    return _sum([taxes(txi), *(line.tax for line in lines)])


def total(
    amt: Rows,
    lines: Sequence[OrderLine],
    shipping: ShippingCharge | None,
    charges: Sequence[Charge],
    discount: Decimal | None,
    tax: Decimal | None,
) -> Decimal | None:
    """The dealer's own total (AMT by rank of tables/amounts.csv), else the sum where all lines have a charged price."""
    told = ((_cell("amounts", row.get("AMT01"), "rank"), row.get("AMT02")) for row in amt or ())
    ranked = sorted((rank, amount) for rank, amount in told if rank and amount)
    if ranked:
        return _micro(exact(ranked[0][1], "AMT.AMT02"))
    if any(line.total is None for line in lines):
        return None
    goods = sum(((line.total or 0) + (line.discount or 0) - (line.tax or 0) for line in lines), Decimal(0))
    more = sum((charge.amount for charge in charges), Decimal(0)) + ((shipping.amount if shipping else None) or 0)
    return _micro(goods + more + (tax or 0) - (discount or 0))


def ship_by(dtm: Rows) -> datetime | None:
    """The end of the day of the best ranked date (tables/dates.csv) until which the dealer wants it shipped."""
    return _deadline(dtm, "ship_by")


def deliver_by(dtm: Rows) -> datetime | None:
    """Like `ship_by`, for delivery."""
    return _deadline(dtm, "deliver_by")


def _deadline(dtm: Rows, kind: str) -> datetime | None:
    dated = [row for row in dtm or () if row.get("DTM02") and _cell("dates", row.get("DTM01"), "deadline") == kind]
    ranked = sorted(dated, key=lambda row: int(_cell("dates", row["DTM01"], "rank") or 99))
    if not ranked:
        return None
    best = ranked[0]
    day = _day(best["DTM02"], "DTM.DTM02")
    clock = best.get("DTM03")
    return (sent_at(best["DTM02"], clock) if clock else None) or day + timedelta(days=1, seconds=-1)


def parties(n1: Mapping[str, Any] | None) -> dict[str, dict[str, str]] | None:
    """role -> {name, qualifier, id}: the dealer's own codes, needed to answer him."""
    names = (("name", "N102"), ("qualifier", "N103"), ("id", "N104"))
    found = {role: {name: row[key] for name, key in names if row.get(key)} for role, row in (n1 or {}).items()}
    return {role: party for role, party in found.items() if party} or None


def line_details(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]] | None:
    """line ref -> {ids, basis, price, notes, destinations}: what a line says beyond the canonical words."""
    found = {line["ref"]: _details(line) for line in lines}
    return {ref: details for ref, details in found.items() if details} or None


def _details(line: Mapping[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {"ids": dict(line["ids"]), "basis": line.get("PO105")}
    if _per(line.get("PO105")) != 1:
        details["price"] = line.get("PO104")
    details["notes"] = [row["MSG01"] for row in line.get("MSG", ()) if row.get("MSG01")]
    details["destinations"] = _destinations(line.get("SDQ", ()))
    return {name: value for name, value in details.items() if value}


def _destinations(sdq: Sequence[Row]) -> dict[str, str]:
    """SDQ: store -> quantity, from the pairs SDQ03/SDQ04, SDQ05/SDQ06 ..."""
    pairs = ((row.get(f"SDQ{at:02}"), row.get(f"SDQ{at + 1:02}")) for row in sdq for at in range(3, 23, 2))
    return {store: plain(exact(count, "PO1.SDQ")) for store, count in pairs if store and count}
