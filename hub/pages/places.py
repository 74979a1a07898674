"""Set up warehouses: where they are, in which order they are asked, and where they ship to."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.canonical.errors import NotFound
from hub.pages.connect import Sent
from hub.pages.labels import label
from hub.pages.shell import Page, page_for
from hub.reports.setup import WarehousePlace, warehouse_places
from hub.rules.warehouses import is_country
from hub.usecases.manage_catalog import save_warehouse

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("routing.read"))]
Writing = Annotated[Page, Depends(page_for("stock.write"))]
TEXTS = ("title", "country", "region", "city", "postal_code")
BLANK = dict.fromkeys(("code", *TEXTS, "ships_to"), "") | {"priority": "1", "active": "1"}
LONGEST = 200


@router.get("/warehouses")
def places_page(page: Reading) -> Response:
    return page.render("places/list.html", places=warehouse_places(page.ctx.db, page.who.warehouses))


@router.get("/warehouses/edit")
def place_form(page: Writing, code: str = "") -> Response:
    """One warehouse; a new one without `code`."""
    place = _place(page, code) if code else None
    return _form(page, place, _values(place) if place else BLANK, {})


@router.post("/warehouses/edit")
def place_save(page: Writing, sent: Sent, code: str = "") -> Response:
    """Change the warehouse `code`, or add the one that is named in the form."""
    place = _place(page, code) if code else None
    typed = {name: sent.get(name, "").strip() for name in BLANK} | ({"code": code} if code else {})
    wrong = _wrong(typed, () if code else [found.code for found in warehouse_places(page.ctx.db)])
    if wrong:
        return _form(page, place, typed, wrong)
    page.who.must_work_in(typed["code"])
    save_warehouse(page.ctx, typed["code"], actor=page.who.actor, **_columns(typed))
    saved = _place(page, typed["code"])
    said = page.gettext("Saved. %(place)s", place=page.gettext(label("precision", saved.precision)))
    return page.redirect("/warehouses", said, "ok" if saved.point else "warn")


def _place(page: Page, code: str) -> WarehousePlace:
    found = next((one for one in warehouse_places(page.ctx.db, page.who.warehouses) if one.code == code), None)
    if found is None:
        raise NotFound(f"there is no warehouse {code!r}")
    return found


def _values(place: WarehousePlace) -> dict[str, str]:
    texts = {name: str(getattr(place, name)) for name in ("code", *TEXTS)}
    more = {"ships_to": ", ".join(place.ships_to), "priority": str(place.priority)}
    return texts | more | {"active": "1" if place.active else ""}


def _columns(typed: dict[str, str]) -> dict[str, Any]:
    """What `save_warehouse` takes; an empty text is an unknown value, an empty title the code."""
    texts: dict[str, Any] = {name: typed[name] or None for name in TEXTS}
    texts |= {"title": typed["title"] or typed["code"], "country": typed["country"].upper() or None}
    more = {"priority": int(typed["priority"]), "active": bool(typed["active"])}
    return texts | more | {"ships_to": _countries(typed["ships_to"])}


def _countries(text: str) -> list[str]:
    parts = text.upper().replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
    return sorted({part for part in parts if part})


def _wrong(typed: dict[str, str], taken: list[str] | tuple[str, ...]) -> dict[str, str]:
    """Field -> code word of what is wrong with it."""
    found = {name: "signs" for name, text in typed.items() if not text.isprintable()}
    found |= {name: "long" for name in ("code", *TEXTS) if len(typed[name]) > LONGEST}
    if not typed["code"]:
        found["code"] = "missing"
    elif typed["code"] in taken:
        found["code"] = "taken"
    number = typed["priority"]
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= 10_000):
        found["priority"] = "number"
    if typed["country"] and not is_country(typed["country"].upper()):
        found["country"] = "country"
    if not all(is_country(part) for part in _countries(typed["ships_to"])):
        found["ships_to"] = "countries"
    return found


def _form(page: Page, place: WarehousePlace | None, values: dict[str, str], wrong: dict[str, str]) -> Response:
    words = {name: page.gettext(label("wrong", code)) for name, code in wrong.items()}
    action = f"/warehouses/edit?{urlencode({'code': place.code})}" if place else "/warehouses/edit"
    status = 422 if wrong else 200
    return page.render("places/form.html", status, place=place, values=values, wrong=words, action=action)
