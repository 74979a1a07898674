"""What YAML cannot say about an 850: X12 dates, implied decimals, price bases, preferred product ids, totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hub.canonical.amounts import exact, plain
from hub.canonical.errors import BadRecord
from hub.canonical.order import Charge, OrderLine, ShippingCharge
from mappings.engine.countries import alpha2
from mappings.engine.tables import Table
from mappings.x12 import deadlines
from mappings.x12.deadlines import LAST, Codes

Row = Mapping[str, str]
Rows = Sequence[Row] | None
_MICRO = Decimal("0.000001")
_CHANGES = {"01", "03", "05"}
_LONGEST_REF = 100


def order_ref(sender: str, number: str, release: str | None) -> str:
    """`sender:number`, unique per dealer; an order released under a blanket order adds `/release`."""
    ref = f"{sender}:{number}" + (f"/{release}" if release else "")
    if len(ref) > _LONGEST_REF:
        raise BadRecord("BEG.BEG03", number, f"expected at most {_LONGEST_REF} characters together with the sender")
    return ref


def date(value: Any, place: str) -> datetime | None:
    """CCYYMMDD or YYMMDD (70 to 99 are 19xx) at midnight UTC; zeros are none."""
    text = str(value).strip()
    return deadlines.day_of(text, place) if text.strip("0") else None


def sent_at(day: str | None, clock: str | None) -> datetime | None:
    """GS04 and GS05 (HHMM, HHMMSS or HHMMSSDD) as UTC; None where they are no time."""
    try:
        start = deadlines.day_of(day or "", "GS04")
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


def item_id(ids: Mapping[str, str] | None, first: str | None, ranks: Table) -> str | None:
    """The product id that is ours: the setting's qualifier, then by rank of the table item_ids, then any."""
    known = ids or {}
    if first and first.upper() in known:
        return known[first.upper()]
    ranked = sorted(known, key=lambda qualifier: ranks.cell(qualifier, "rank") or LAST)
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
    return alpha2(str(value).strip()) or None


def charge(code: str | None, kinds: Table) -> str | None:
    """What a charge is for: by the table charges, else the dealer's code."""
    text = (code or "").strip()
    return kinds.cell(text, "kind") or text or None


def cents(value: Any, place: str) -> Decimal | None:
    """X12 type N2: two implied decimals (`1250` is 12.50); a text with a point is taken as it is."""
    text = str(value).strip()
    if not text:
        return None
    number = exact(text, place)
    return _money(number if "." in text else number.scaleb(-2), text, place)


def _money(number: Decimal, text: str, place: str) -> Decimal:
    """An amount of the dealer, to six decimals. Raises BadRecord: so little that nothing would be left of it."""
    found = _micro(number)
    if number and not found:
        raise BadRecord(place, text, "below a millionth: expected an amount of 0, or of 0.000001 and more")
    return found


def _micro(number: Decimal) -> Decimal:
    """Rounded to six decimals where it has more."""
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -6 else number.quantize(_MICRO, ROUND_HALF_EVEN)


def _per(basis: str | None, bases: Table) -> int:
    per: int | None = bases.cell(basis, "per")
    return per or 1


def unit_price(price: str | None, basis: str | None, at: int, bases: Table) -> Decimal | None:
    """PO104 for one unit: a price per hundred (HP) is divided by 100.

    Raises: BadRecord: so little that one unit would cost nothing.
    """
    if not price:
        return None
    place, per = f"PO1[{at}].PO104", _per(basis, bases)
    number = exact(price, place)
    return _money(number if per == 1 else number / per, price, place)


def line_total(
    price: str | None,
    basis: str | None,
    at: int,
    quantity: Decimal,
    discount: Decimal | None,
    tax: Decimal | None,
    sac: Rows,
    bases: Table,
) -> Decimal | None:
    """Quantity x price - discount + tax.

    None where a part is unknown: no price, only a list price (SR, CA ...), one per something that is
    not in the table price_bases, or an allowance in percent.
    """
    if not price or unpriced(sac, ()) or (basis and bases.cell(basis, "charged") != "yes"):
        return None
    gross = quantity * exact(price, f"PO1[{at}].PO104") / _per(basis, bases)
    return _micro(gross - (discount or Decimal(0)) + (tax or Decimal(0)))


def _amounts(rows: Rows, flag: tuple[str, str], element: str, path: str) -> list[Decimal]:
    """The amounts of the rows whose flag is set; `path` leads to the segment: `PO1[0].`, or nothing for the header."""
    name, wanted = flag
    found = []
    for number, row in enumerate(rows or ()):
        place = f"{path}{element[:3]}[{number}].{element}"
        amount = cents(row.get(element, ""), place) if row.get(name) == wanted else None
        if amount is not None and amount < 0 and wanted == "A":
            raise BadRecord(place, row[element], "an allowance below 0 may mean a charge: expected cents such as 500")
        found += [] if amount is None else [amount]
    return found


def _path(at: int | None) -> str:
    return "" if at is None else f"PO1[{at}]."


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def allowances(sac: Rows, ita: Rows, at: int | None = None) -> Decimal | None:
    """Sum of the allowances (SAC01 or ITA01 = A), of the header or of line `at`."""
    found = _amounts(sac, ("SAC01", "A"), "SAC05", _path(at)) + _amounts(ita, ("ITA01", "A"), "ITA07", _path(at))
    return _sum(found)


def freight(sac: Rows) -> Decimal | None:
    """Sum of the charges for shipping."""
    return _sum(
        cents(row.get("SAC05", ""), f"SAC[{number}].SAC05")
        for number, row in enumerate(sac or ())
        if row.get("SAC01") == "C" and row.get("SAC02") in ("D240", "G821", "G830")
    )


def taxes(txi: Rows, at: int | None = None) -> Decimal | None:
    """Sum of TXI02, which has an explicit decimal point."""
    rows = ((number, row["TXI02"]) for number, row in enumerate(txi or ()) if row.get("TXI02"))
    places = ((f"{_path(at)}TXI[{number}].TXI02", amount) for number, amount in rows)
    return _sum(_money(exact(amount, place), amount, place) for place, amount in places)


def unpriced(sac: Rows, lines: Sequence[Mapping[str, Rows]]) -> list[Row] | None:
    """Allowances and charges told only as a percentage (SAC07) or a rate (SAC08): what they come to is not said."""
    rows = [*(sac or ()), *(row for line in lines for row in line.get("SAC") or ())]
    open_ended = (row for row in rows if not row.get("SAC05") and (row.get("SAC07") or row.get("SAC08")))
    return [row for row in open_ended if row.get("SAC01") in ("A", "C")] or None


def discount_total(
    sac: Rows, ita: Rows, lines: Sequence[OrderLine], open_ended: Sequence[Row] | None
) -> Decimal | None:
    """Allowances of the header and of the lines; None where one of them is only a percentage."""
    if any(row["SAC01"] == "A" for row in open_ended or ()):
        return None
    return _sum([allowances(sac, ita), *(line.discount for line in lines)])


def tax_total(txi: Rows, lines: Sequence[OrderLine]) -> Decimal | None:
    """Taxes of the header and of the lines."""
    return _sum([taxes(txi), *(line.tax for line in lines)])


def total(
    ranks: Table,
    amt: Rows,
    lines: Sequence[OrderLine],
    shipping: ShippingCharge | None,
    charges: Sequence[Charge],
    discount: Decimal | None,
    tax: Decimal | None,
    open_ended: Sequence[Row] | None,
) -> Decimal | None:
    """The dealer's own total (AMT by rank of the table amounts), else the sum where every part of it is known."""
    told = ((ranks.cell(row.get("AMT01"), "rank"), at, row.get("AMT02")) for at, row in enumerate(amt or ()))
    ranked = sorted((rank, at, amount) for rank, at, amount in told if rank and amount)
    if ranked:
        place, amount = f"AMT[{ranked[0][1]}].AMT02", ranked[0][2]
        return _money(exact(amount, place), amount, place)
    if open_ended or any(line.total is None for line in lines):
        return None
    goods = sum(((line.total or 0) + (line.discount or 0) - (line.tax or 0) for line in lines), Decimal(0))
    more = sum((charge.amount for charge in charges), Decimal(0)) + ((shipping.amount if shipping else None) or 0)
    return _micro(goods + more + (tax or 0) - (discount or 0))


def ship_by(
    dtm: Rows, lines: Sequence[Mapping[str, Rows]], zone: str | None, dates: Table, zones: Table
) -> datetime | None:
    """Until when the dealer wants it shipped: by the rank of the table dates, of the header, else of all lines."""
    return deadlines.of_order(dtm, lines, Codes("ship_by", zone, dates, zones))


def deliver_by(
    dtm: Rows, lines: Sequence[Mapping[str, Rows]], zone: str | None, dates: Table, zones: Table
) -> datetime | None:
    """Like `ship_by`, for delivery."""
    return deadlines.of_order(dtm, lines, Codes("deliver_by", zone, dates, zones))


def streets(n3: Rows) -> tuple[str, ...] | None:
    """The lines of an address, N301 and N302 of each N3, in their order."""
    return tuple(row[name] for row in n3 or () for name in ("N301", "N302") if row.get(name)) or None


def more_names(n2: Rows) -> str | None:
    """N201 and N202 of each N2."""
    return ", ".join(row[name] for row in n2 or () for name in ("N201", "N202") if row.get(name)) or None


def coded(rows: Rows, code: str, first: str, second: str) -> dict[str, str | list[str]] | None:
    """code -> the value of `first`, else of `second`; a list where a code comes several times with different values."""
    found: dict[str, list[str]] = {}
    for row in rows or ():
        value = row.get(first) or row.get(second)
        if row.get(code) and value and value not in found.setdefault(row[code], []):
            found[row[code]].append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items() if values} or None


def references(ref: Rows) -> dict[str, str | list[str]] | None:
    """REF01 -> REF02, else REF03."""
    return coded(ref, "REF01", "REF02", "REF03")


def dates(dtm: Rows) -> dict[str, str | list[str]] | None:
    """DTM01 -> DTM02 as written, else DTM06."""
    return coded(dtm, "DTM01", "DTM02", "DTM06")


def told_lines(ctt: Rows, lines: Sequence[Any]) -> str | None:
    """How many lines the dealer counted (CTT01), where it is not how many there are."""
    told = next((row["CTT01"] for row in ctt or () if row.get("CTT01")), None)
    return None if told is None or told.lstrip("0") == str(len(lines)) else told


def parties(n1: Mapping[str, Any] | None) -> dict[str, dict[str, str]] | None:
    """role -> {name, qualifier, id}: the dealer's own codes, needed to answer him."""
    names = (("name", "N102"), ("qualifier", "N103"), ("id", "N104"))
    found = {role: {name: row[key] for name, key in names if row.get(key)} for role, row in (n1 or {}).items()}
    return {role: party for role, party in found.items() if party} or None


def line_details(lines: Sequence[Mapping[str, Any]], bases: Table) -> dict[str, dict[str, Any]] | None:
    """line ref -> {ids, basis, price, notes, dates, destinations, places, parts}: what a line says besides."""
    found = {line["ref"]: _details(line, bases) for line in lines}
    return {ref: details for ref, details in found.items() if details} or None


def _details(line: Mapping[str, Any], bases: Table) -> dict[str, Any]:
    basis = line.get("PO105")
    dated = [{"DTM01": each.code, "DTM02": each.day[0]} for each in deadlines.of_line(line, line["at"])]
    details = {
        "ids": dict(line["ids"]),
        "basis": basis,
        "price": None if not basis or bases.cell(basis, "per") == 1 else line.get("PO104"),
        "notes": [row["MSG01"] for row in line.get("MSG", ()) if row.get("MSG01")],
        "dates": dates(dated),
        "destinations": _destinations(line.get("SDQ", ()), line["at"]),
        "places": {role: _place(party) for role, party in line.get("N1", {}).items()},
        "parts": [_part(row) for row in line.get("SLN", ())],
    }
    return {name: value for name, value in details.items() if value}


def _place(party: Mapping[str, Any]) -> dict[str, Any]:
    """A party of one line, with its address."""
    names = {"name": "N102", "qualifier": "N103", "id": "N104"}
    towns = {"city": "N401", "region": "N402", "postal_code": "N403", "country": "N404"}
    found: dict[str, Any] = {name: party.get(element) for name, element in names.items()}
    found |= {"lines": streets(party.get("N3"))}
    found |= {name: party.get("N4", {}).get(element) for name, element in towns.items()}
    return {name: value for name, value in found.items() if value}


def _part(row: Row) -> dict[str, Any]:
    """One component of an assortment (SLN): how many of it one unit of the line holds, as the dealer wrote it."""
    pairs = ((row.get(f"SLN{at:02}"), row.get(f"SLN{at + 1:02}")) for at in range(9, 28, 2))
    ids = {qualifier: value for qualifier, value in pairs if qualifier and value}
    return {
        name: value
        for name, value in (("ids", ids), ("quantity", row.get("SLN04")), ("uom", row.get("SLN05")))
        if value
    }


def _destinations(sdq: Sequence[Row], line: int) -> dict[str, str]:
    """SDQ: store -> quantity, from the pairs SDQ03/SDQ04, SDQ05/SDQ06 ..."""
    found: dict[str, str] = {}
    for number, row in enumerate(sdq):
        for at in range(3, 23, 2):
            store, count = row.get(f"SDQ{at:02}"), row.get(f"SDQ{at + 1:02}")
            if store and count:
                found[store] = plain(exact(count, f"PO1[{line}].SDQ[{number}].SDQ{at + 1:02}"))
    return found
