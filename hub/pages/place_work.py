"""How a warehouse works: hours, holidays, capacity, acceptance; and what parcels cost, from a carrier's file."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import Response

from hub.canonical.amounts import exact, to_micros
from hub.canonical.errors import BadInput, BadRecord, Rejected
from hub.canonical.told import told
from hub.pages.connect import Sent
from hub.pages.sent import file_of
from hub.pages.shell import Page, page_for
from hub.reports.catalog import Warehouse, read_warehouse
from hub.reports.lists import rate_list, zone_list
from hub.reports.working_days import working_days
from hub.rules.calendars import DAYS
from hub.usecases.import_rates import decoded, import_rates
from hub.usecases.manage_catalog import save_warehouse

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("routing.read"))]
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Pricing = Annotated[Page, Depends(page_for("routing.write"))]
Text = Annotated[str, Form()]
SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~至到]\s*(\d{1,2}:\d{2})")
ON_A_PAGE = 200
LARGEST_FILE = 5_000_000
LARGEST_PRICE = 10**12
"""Micros: a million of the house currency."""


@router.get("/warehouses/work")
def place_page(page: Reading, code: str = "") -> Response:
    return _page(page, code, {})


@router.post("/warehouses/work")
def place_work_save(page: Writing, sent: Sent, code: str = "") -> Response:
    """Save when it works and how much it takes."""
    page.who.must_work_in(code)
    typed = {name: value.strip() for name, value in sent.items()}
    try:
        read_warehouse(page.ctx.db, code)
        save_warehouse(page.ctx, code, actor=page.who.actor, **_columns(typed))
    except BadInput as error:
        return _page(page, code, typed | {"problem": page.said(error)}, error.status)
    return page.redirect(_address(code), page.gettext("Saved. New plans follow it."))


@router.get("/warehouses/rates")
def rates_page(page: Reading) -> Response:
    return _rates(page)


@router.post("/warehouses/rates")
def rates_import(
    page: Pricing, replace: Text = "", file: Annotated[UploadFile | None, File()] = None
) -> Response:  # fmt: skip
    """Take in a carrier's zones or rates, all of the file or nothing."""
    try:
        done = import_rates(page.ctx, _text(file), actor=page.who.actor, replace=bool(replace))
    except Rejected as error:
        return _rates(page, page.said(error), error.status)
    said = page.gettext("%(added)s added, %(changed)s changed, %(removed)s removed.", added=done.added,
                        changed=done.changed, removed=done.removed)  # fmt: skip
    return page.redirect("/warehouses/rates", said)


def _text(file: UploadFile | None) -> str:
    name, raw = file_of(file, LARGEST_FILE, wanted=told("a CSV file of zones or of rates"))
    return decoded(raw, name)


def _address(code: str) -> str:
    return f"/warehouses/work?{urlencode({'code': code})}"


def _rates(page: Page, problem: str = "", status: int = 200) -> Response:
    rates, zones = rate_list(page.ctx.db), zone_list(page.ctx.db)
    return page.render(
        "places/rates.html", status, rates=rates[:ON_A_PAGE], zones=zones[:ON_A_PAGE], problem=problem,
        more=max(0, len(rates) - ON_A_PAGE) + max(0, len(zones) - ON_A_PAGE),
    )  # fmt: skip


def _page(page: Page, code: str, typed: dict[str, str], status: int = 200) -> Response:
    page.who.must_work_in(code)
    place = read_warehouse(page.ctx.db, code)
    return page.render(
        "places/work.html", status, place=place, work=working_days(page.ctx.db, code, page.now), days=DAYS,
        values=_values(place) | typed, problem=typed.get("problem", ""), action=_address(code),
    )  # fmt: skip


def _values(place: Warehouse) -> dict[str, str]:
    hours = {
        f"hours.{day}": ", ".join(f"{opens}-{closes}" for opens, closes in place.hours.get(day, ())) for day in DAYS
    }
    numbers = ("daily_orders", "accept_minutes", "answer_minutes")
    return hours | {name: _number_text(getattr(place, name)) for name in numbers} | {
        "zone": place.zone, "cutoff": place.cutoff or "", "holidays": "\n".join(place.holidays), "kind": place.kind,
        "tags": ", ".join(place.tags), "asks_from": place.asks_from, "handling": str(place.handling),
        "handling_unit": str(place.handling_unit),
    }  # fmt: skip


def _number_text(value: int | None) -> str:
    return "" if value is None else str(value)


def _columns(typed: dict[str, str]) -> dict[str, Any]:
    """What `save_warehouse` takes. Raises BadInput: what cannot be read, with what to type."""
    return {
        "zone": typed.get("zone") or "UTC", "hours": _hours(typed), "cutoff": typed.get("cutoff") or None,
        "holidays": sorted({*re.split(r"[\s,，、;]+", typed.get("holidays", ""))} - {""}),
        "kind": typed.get("kind", "warehouse"), "asks_from": typed.get("asks_from", "never"),
        "tags": [tag for part in re.split(r"[,，、]", typed.get("tags", "")) if (tag := part.strip())],
        "daily_orders": _whole(typed, "daily_orders"), "accept_minutes": _whole(typed, "accept_minutes"),
        "answer_minutes": _whole(typed, "answer_minutes") or 60, "handling": _micros(typed, "handling"),
        "handling_unit": _micros(typed, "handling_unit"),
    }  # fmt: skip


def _hours(typed: dict[str, str]) -> dict[str, list[list[str]]]:
    """Day -> spans; nothing typed on any day is always open."""
    found: dict[str, list[list[str]]] = {}
    for day in DAYS:
        text = typed.get(f"hours.{day}", "")
        spans = [[_padded(opens), _padded(closes)] for opens, closes in SPAN.findall(text)]
        if text and not spans:
            raise BadInput(f"hours.{day} = {text[:60]!r}: write times such as 08:00-12:00, 13:00-17:00")
        found |= {day: spans} if spans else {}
    return found


def _padded(text: str) -> str:
    return text.rjust(5, "0")


def _whole(typed: dict[str, str], name: str) -> int | None:
    text = typed.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"{name} = {text[:40]!r}: use a whole number, or leave it empty")
    return int(text) if text else None


def _micros(typed: dict[str, str], name: str) -> int:
    text = typed.get(name, "") or "0"
    try:
        amount = to_micros(exact(text, name))
    except BadRecord:
        amount = -1
    if not 0 <= amount < LARGEST_PRICE:
        raise BadInput(f"{name} = {text[:40]!r}: use an amount such as 1.20")
    return amount
