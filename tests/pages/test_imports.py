"""Stock files and carriers' files through their forms, and the working hours of a warehouse."""

from __future__ import annotations

import re
from dataclasses import replace

from hub.reports.catalog import read_warehouse
from hub.reports.imports import read_import
from hub.reports.lists import rate_list
from hub.reports.sku import read_sku
from tests.fixtures.pages import Web

FILE = b"sku,warehouse,quantity\nLAMP-OAK,BER,7\nNOPE,BER,3\n"


def _lamps(rooms: Web) -> int:
    return read_sku(rooms.ctx.db, "LAMP-OAK", rooms.ctx.clock()).row.places["BER"].on_hand


def test_a_stock_file_is_shown_row_by_row_then_applied_once(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    before = _lamps(rooms)
    made = browser.post(
        "/stock/imports", data={"mode": "set", "key": "k"}, files={"file": ("count.csv", FILE, "text/csv")}
    )
    assert made.headers["location"] == "/stock/imports/1"
    page = browser.get("/stock/imports/1").text
    assert "count.csv" in page and "there is no SKU &#39;NOPE&#39;" in page and _lamps(rooms) == before
    assert "NOPE" not in browser.get("/stock/imports/1?status=changed").text
    refused = browser.post("/stock/imports/1/apply", data={})
    assert refused.status_code == 409 and _lamps(rooms) == before
    for _ in range(2):
        assert browser.post("/stock/imports/1/apply", data={"skip": "1"}).status_code == 303
    assert (_lamps(rooms), read_import(rooms.ctx.db, 1).state) == (7, "applied")
    assert browser.post("/stock/imports/1/cancel").status_code == 409
    done = browser.get("/stock/imports/1").text
    assert "Will change" not in done and re.search(r"Rows changed</\w+>\s*<[^>]+>1<", done)


def test_a_number_that_may_be_a_slip_of_the_hand_is_asked_about(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    before = _lamps(rooms)
    form = {"sku": "LAMP-OAK", "warehouse": "BER", "change": "count", "pieces": "1200000", "reason": "counted"}
    plain = browser.get("/stock/item?sku=LAMP-OAK").text
    asked = browser.post("/stock/change", data=form)
    assert 'name="yes"' not in plain and asked.status_code == 422 and 'name="yes"' in asked.text
    assert "1200000 pieces would lie there" in asked.text and _lamps(rooms) == before
    assert browser.post("/stock/change", data=form | {"yes": "1"}).status_code == 303
    assert _lamps(rooms) == 1_200_000


def test_a_file_that_cannot_be_read_is_explained_and_one_is_thrown_away(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    nothing = browser.post("/stock/imports", data={"mode": "set"})
    assert nothing.status_code == 422 and "choose a file" in nothing.text
    empty = browser.post("/stock/imports", data={"mode": "set"}, files={"file": ("a.csv", b"a,b\n1,2\n", "text/csv")})
    assert empty.status_code == 422
    browser.post("/stock/imports", data={"mode": "add"}, files={"file": ("b.csv", FILE, "text/csv")})
    assert browser.post("/stock/imports/1/cancel").status_code == 303
    assert read_import(rooms.ctx.db, 1).state == "cancelled"
    assert "b.csv" in browser.get("/stock/imports").text


def test_rates_come_from_a_file_all_or_nothing(rooms: Web) -> None:
    browser = rooms.as_role("operator")

    def send(text: bytes) -> int:
        return browser.post("/warehouses/rates", files={"file": ("r.csv", text, "text/csv")}).status_code

    assert send(b"carrier,zone,up_to_g,price\nDHL,EU1,2000,4.90\nDHL,EU1,x,4.90\n") == 422
    assert rate_list(rooms.ctx.db) == []
    assert send(b"country,zone\nDE,EU1\n") == 303
    assert send(b"carrier,zone,up_to_g,price\nDHL,EU1,2000,4.90\n") == 303
    assert send(b"\xff\xfe") == 422
    viewer = rooms.as_role("viewer")
    assert "4.90" in viewer.get("/warehouses/rates").text and "€4.90" not in viewer.get("/warehouses/rates").text
    rooms.app.state.services = replace(rooms.app.state.services, house_currency="EUR")
    assert "€4.90" in viewer.get("/warehouses/rates").text


def test_a_warehouse_gets_hours_capacity_and_costs(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    form = {
        "zone": "Europe/Berlin", "hours.mon": "8:00–12:00, 13:00-17:00", "cutoff": "14:00", "daily_orders": "40",
        "holidays": "2026-12-25\n2026-12-26", "kind": "store", "tags": "cold, pick-up", "asks_from": "packed",
        "accept_minutes": "30", "handling": "1.20",
    }  # fmt: skip
    assert browser.post("/warehouses/work?code=BER", data=form).status_code == 303
    place = read_warehouse(rooms.ctx.db, "BER")
    assert place.hours == {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}
    assert (place.zone, place.cutoff, place.daily_orders, place.tags) == (
        "Europe/Berlin",
        "14:00",
        40,
        ("cold", "pick-up"),
    )
    assert (place.asks_from, place.accept_minutes, str(place.handling)) == ("packed", 30, "1.20")
    page = rooms.as_role("viewer").get("/warehouses/work?code=BER").text
    assert "0 / 40" in page and "08:00–12:00, 13:00–17:00" in page and "closed" in page
    for change, why in (
        ({"zone": "Mars/Base"}, "Mars/Base"),
        ({"hours.mon": "all day"}, "write times such as"),
        ({"cutoff": "25:00"}, "use a time such as 08:00"),
        ({"holidays": "Christmas"}, "use dates such as 2026-12-25"),
        ({"handling": "-1"}, "use an amount such as 1.20"),
        ({"handling": "NaN"}, "use an amount such as 1.20"),
        ({"daily_orders": "many"}, "use a whole number"),
    ):
        answer = browser.post("/warehouses/work?code=BER", data=form | change)
        assert answer.status_code == 422 and why in answer.text, why
    assert read_warehouse(rooms.ctx.db, "BER") == place
    assert browser.post("/warehouses/work?code=NOPE", data=form).status_code == 404
