"""The routing rooms: sentences, versions, the editor's form, simulations; and orders that are moved or cancelled."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from sqlalchemy import select, update

from hub.reports.order import read_order
from hub.reports.requests import order_requests
from hub.reports.routing import find_simulations, read_simulation
from hub.reports.rulesets import active_of, find_rulesets, read_ruleset_fact
from hub.store.events import add_events
from hub.store.tables import routing_decisions, warehouses
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.pick_orders import pick_scan
from hub.usecases.simulate_rules import run_simulations
from tests.fixtures.pages import Web

STRATEGY = {
    "s0.name": "Germany", "s0.search": "best", "s0.when.mode": "all", "s0.when.0.field": "country",
    "s0.when.0.op": "is", "s0.when.0.value": "de", "s0.criteria.0.by": "distance", "s0.criteria.0.band": "50",
    "s0.split.most": "1", "s0.split.keep_together": "1", "s0.leftover.action": "queue", "note": "one parcel",
}  # fmt: skip


def _draft(rooms: Web, **form: str) -> int:
    answer = rooms.as_role("operator").post("/routing/drafts", data=form or {"parent": "0"})
    assert answer.status_code == 303
    found = re.fullmatch(r"/routing/rules/(\d+)/edit", answer.headers["location"])
    assert found
    return int(found[1])


def test_the_room_says_what_the_active_rules_do(rooms: Web) -> None:
    page = rooms.as_role("viewer").get("/routing").text
    assert "Every order: one warehouse that has everything, then fewest parcels" in page
    assert "built in" in page and "Change the rules" not in page


def test_a_draft_is_edited_activated_and_rolled_back(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    version = _draft(rooms)
    assert (
        browser.post(f"/routing/rules/{version}/edit", data=STRATEGY).headers["location"] == f"/routing/rules/{version}"
    )
    row = read_ruleset_fact(rooms.ctx.db, version)
    assert (row.note, row.body["strategies"][0]["when"]) == (
        "one parcel", {"all": [{"field": "country", "op": "is", "value": "DE"}]},
    )  # fmt: skip
    page = browser.get(f"/routing/rules/{version}").text
    assert "Orders where country is DE: nearest, in one parcel only; else it waits for stock or a person" in page
    assert "This draft was never tried" in page and re.search(r">\s*New\s*<", page) and "Removed" in page
    assert browser.post(f"/routing/rules/{version}/activate").status_code == 303
    assert active_of(find_rulesets(rooms.ctx.db)).version == version
    assert browser.get(f"/routing/rules/{version}/edit").status_code == 409
    assert browser.post("/routing/rules/0/rollback").status_code == 303
    assert active_of(find_rulesets(rooms.ctx.db)).version == version + 1


def test_what_cannot_be_read_stands_beside_its_field_and_nothing_is_saved(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    version = _draft(rooms)
    before = read_ruleset_fact(rooms.ctx.db, version).body
    for change, field, why in (
        ({"s0.split.most": "two"}, "s0.split.most", "Use a whole number, such as 2."),
        ({"s0.objective.split": "1,2,3"}, "s0.objective.split", "Use an amount, such as 4.90."),
        ({"s0.when.0.op": "at_least"}, "s0.when.0.op", "use one of is, is_not, any_of, none_of"),
        ({"s0.leftover.unfilled_piece": "3"}, "s0.leftover.partial", "a price for missing pieces"),
        ({"s0.name": ""}, "s0.name", "Every strategy needs a name of its own."),
    ):
        answer = browser.post(f"/routing/rules/{version}/edit", data=STRATEGY | change)
        assert answer.status_code == 422 and why in answer.text, why
        assert "1 field needs another look; nothing was saved." in answer.text
        assert f'id="e-{field}"' in answer.text or field == "s0.leftover.partial"
        assert 'value="one parcel"' in answer.text
    assert read_ruleset_fact(rooms.ctx.db, version).body == before


def test_faults_are_listed_with_the_names_of_their_fields(rooms: Web) -> None:
    browser, version = rooms.as_role("operator"), _draft(rooms)
    bad = {"s0.objective.split": "x", "s0.objective.late": "x", "s0.criteria.0.band": "far"}
    shown = browser.post(f"/routing/rules/{version}/edit", data=STRATEGY | bad).text
    assert re.findall(r'<li><a href="#f-s0[^"]*">(.*?)</a></li>', shown) == [
        "Each parcel after the first: Use an amount, such as 4.90.",
        "Each day too late: Use an amount, such as 4.90.",
        "Differences below this do not count: Use a whole number, such as 2.",
    ]
    assert shown.index("need another look") < shown.index('id="f-s0.name"')


def test_the_editors_buttons_change_the_form_but_save_nothing(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    version = _draft(rooms)
    path = f"/routing/rules/{version}/edit"
    two = browser.post(path, data=STRATEGY | {"do": "add:s", "named": "cheapest"}).text
    assert "Not saved yet" in two and 'value="cheapest"' in two and 'name="s1.name"' in two
    assert 'name="s1.name"' not in browser.post(path, data=STRATEGY | {"do": "remove:s1"}).text
    assert 'name="b0.name"' in browser.post(path, data=STRATEGY | {"do": "add:b"}).text
    looked = browser.post(path, data=STRATEGY | {"do": "look"})
    assert looked.status_code == 200 and "Orders where country is DE: nearest" in looked.text
    assert browser.post(path, data=STRATEGY | {"do": "add:s", "named": "nope"}).status_code == 404
    assert len(read_ruleset_fact(rooms.ctx.db, version).body["strategies"]) == 1


def test_a_draft_is_made_of_a_template_and_put_aside(rooms: Web) -> None:
    version = _draft(rooms, named="magento_distance")
    browser = rooms.as_role("operator")
    assert "magento_distance" in browser.get(f"/routing/rules/{version}/edit").text
    assert "Draft 1" in browser.get("/routing").text
    assert browser.post(f"/routing/rules/{version}/retire").status_code == 303
    assert [row.state for row in find_rulesets(rooms.ctx.db)] == ["retired", "active"]
    assert browser.post("/routing/drafts", data={"parent": "x"}).status_code == 422
    assert browser.get(f"/routing/rules/{version}?against=99").status_code == 404


def test_a_simulation_shows_both_sides_and_the_orders_that_differ(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    version = _draft(rooms, named="nearest")
    asked = browser.post("/routing/simulator", data={"trial": str(version), "base": "0", "days": "7"})
    assert asked.headers["location"] == "/routing/simulator/1"
    assert "Being played" in browser.get("/routing/simulator/1").text
    assert 'data-state="new"' in browser.get("/routing/simulator/1/state").text
    run_simulations(rooms.ctx)
    found = read_simulation(rooms.ctx.db, 1)
    page = browser.get("/routing/simulator/1").text
    assert found.result["different"] >= 1
    assert "Pieces delivered" in page and "Parcels by warehouse" in page and "last 7 days" in page
    for row in found.result["differences"]:
        assert row["number"] in page
    assert f"{found.result['different']} / {found.result['base']['orders']}" in browser.get("/routing/simulator").text
    assert "Last try" in browser.get(f"/routing/rules/{version}").text


def test_a_scenario_comes_from_a_file_and_a_bad_one_is_explained(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    fields = {"trial": "0", "base": "0", "days": "7"}

    def send(name: str, content: Any) -> Any:
        return browser.post("/routing/simulator", data=fields, files={"file": (name, content, "application/json")})

    for content, why in ((b"{", "is no JSON file"), (b"[]", "expected"), (b"{}", "scenario.snapshot")):
        answer = send("bad.json", content)
        assert answer.status_code == 422 and why in answer.text, why
    demand = {
        "order_ref": "A",
        "pieces": [["1", "MUG", 1]],
        "country": "DE",
        "point": None,
        "excluded": [],
        "together": False,
    }
    place = {"code": "BER", "priority": 1, "active": True, "point": None, "country": "DE", "ships_to": []}
    scenario = {"snapshot": {"places": [place], "free": [["BER", "MUG", 3]]}, "demands": [demand]}
    assert send("world.json", json.dumps(scenario)).status_code == 303
    run_simulations(rooms.ctx)
    page = browser.get("/routing/simulator/1").text
    assert "Every order goes the same way" in page and "world.json" in page
    assert browser.post("/routing/simulator", data=fields | {"days": "0"}).status_code == 422
    assert len(find_simulations(rooms.ctx.db)) == 1


def test_an_order_tells_what_would_have_to_change_for_another_warehouse(rooms: Web) -> None:
    told = {
        1: ["Nothing that could be changed at ORD would let it win, not even all of it together."],
        3: ["No single change is enough for ORD to win; it takes all of these together:",
            "one more free piece of TEE-RED-M", "priority 1 (the smaller number is asked first)"],
        4: ["For ORD to win, one of these would be enough:", "2 more free pieces of TEE-RED-M"],
        5: ["ORD gives pieces of it already."],
    }  # fmt: skip
    for order, lines in told.items():
        page = unescape(rooms.as_role("viewer").get(f"/orders/{order}?what_if=ORD").text)
        assert [line for line in lines if line not in page] == [], order
    assert rooms.as_role("viewer").get("/orders/1?what_if=NOPE").status_code == 404


def test_an_order_tells_the_day_it_leaves_and_that_a_full_day_moved_it(rooms: Web) -> None:
    order = next(n for n in range(1, 13) if [w.warehouse for w in _open(rooms, n)] == ["SZX"])
    with rooms.ctx.db.write() as db:
        row = db.execute(select(routing_decisions).where(routing_decisions.c.order_id == order)).one()
        for place in row.snapshot["places"]:
            days = {"SZX": ("2026-11-24", "2026-11-23"), "ORD": ("2026-11-25", None)}.get(place["code"], (None, None))
            place |= {name: day for name, day in zip(("ships_on", "moved_from"), days, strict=True) if day}
        db.execute(routing_decisions.update().where(routing_decisions.c.id == row.id).values(snapshot=row.snapshot))
    page = rooms.as_role("viewer").get(f"/orders/{order}").text
    assert "It leaves on 2026-11-24 instead of 2026-11-23: moved because the day is full at SZX." in page
    assert "the day is full</span>" in page and "Leaves on" in page and "2026-11-25" in page


def test_an_order_moves_to_another_warehouse_or_says_why_not(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    order = next(n for n in range(1, 13) if [w.warehouse for w in _open(rooms, n)] == ["SZX"])
    refused = browser.post(f"/orders/{order}/move", data={"to": "SZX"})
    assert refused.status_code == 422 and "nothing to move" in refused.text
    assert browser.post(f"/orders/{order}/move", data={"to": "NOPE"}).status_code == 404
    skus = {line.sku for work in _open(rooms, order) for line in work.lines}
    from hub.usecases.change_stock import adjust_stock

    for sku in skus:
        adjust_stock(rooms.ctx, sku, "BER", 500, reason="delivery", actor="test", key=f"more {sku}")
    assert browser.post(f"/orders/{order}/move", data={"to": "BER", "note": "SZX is closed"}).status_code == 303
    assert [work.warehouse for work in _open(rooms, order)] == ["BER"]
    assert "Moved to another warehouse" in browser.get(f"/orders/{order}").text


def _open(rooms: Web, order_id: int) -> list[Any]:
    return [work for work in read_order(rooms.ctx.db, order_id).work if work.status in ("open", "picking")]


def test_a_cancellation_asks_the_warehouse_that_has_the_goods_in_hand(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    order = next(n for n in range(1, 13) if _open(rooms, n))
    work = _open(rooms, order)[0]
    with rooms.ctx.db.write() as db:
        db.execute(update(warehouses).values(asks_from="picked"))
    pick_scan(rooms.ctx, work.id, work.lines[0].sku, "user:1", 1)
    assert browser.post(f"/orders/{order}/cancel", data={"why": "bought twice"}).status_code == 303
    page = browser.get(f"/orders/{order}").text
    assert "bought twice" in page and "Until the answer nothing of it may be picked" in page
    assert browser.post(f"/orders/{order}/answer", data={"note": "packed already"}).status_code == 303
    assert [(one.state, one.answer) for one in order_requests(rooms.ctx.db, order)] == [("refused", "packed already")]
    assert browser.post(f"/orders/{order}/answer", data={"accept": "1"}).status_code == 404
    assert "the channel is not told" not in browser.get(f"/orders/{order}").text  # it was our own question
    with rooms.ctx.db.write() as db:
        add_events(db, [(order, "edit_refused", {"note": "packed", "told": False})], rooms.ctx.clock())
    assert "packed · the channel is not told: it has no word for this" in browser.get(f"/orders/{order}").text
    assert browser.post(f"/orders/{order}/cancel", data={}).status_code == 303
    assert browser.post(f"/orders/{order}/answer", data={"accept": "1"}).status_code == 303
    assert read_order(rooms.ctx.db, order).summary.state == "cancelled"


def test_a_picker_answers_a_request_and_sends_a_list_back(rooms: Web) -> None:
    picker, lead = rooms.as_role("warehouse"), rooms.as_role("operator")
    order = next(n for n in range(1, 13) if _open(rooms, n))
    work = _open(rooms, order)[0]
    assert "We cannot do this list" in picker.get(f"/pick/{work.id}").text
    assert picker.post(f"/pick/{work.id}/reject", data={"reason": "tired"}).status_code == 422
    with rooms.ctx.db.write() as db:
        db.execute(update(warehouses).values(asks_from="picked"))
    pick_scan(rooms.ctx, work.id, work.lines[0].sku, "user:1", 1)
    lead.post(f"/orders/{order}/cancel", data={"why": "bought twice"})
    assert "bought twice" in picker.get(f"/pick/{work.id}").text
    assert picker.post(f"/pick/{work.id}/answer", data={"accept": "1"}).status_code == 303
    assert read_order(rooms.ctx.db, order).summary.state == "cancelled"
    other = next(n for n in range(1, 13) if _open(rooms, n))
    sent = _open(rooms, other)[0]
    assert picker.post(f"/pick/{sent.id}/reject", data={"reason": "busy"}).headers["location"] == "/pick"
    assert sent.id not in [row.id for row in _open(rooms, other)]


def test_rules_older_than_a_criterion_say_so_and_one_button_makes_the_draft(rooms: Web) -> None:
    assert "older than a criterion" not in rooms.as_role("admin").get("/routing").text
    old = {"strategies": [{"name": "ours", "criteria": ["full_coverage", "fewest_parcels", "priority", "distance"]}]}
    version = draft_ruleset(rooms.ctx, actor="test", given=old)
    activate_ruleset(rooms.ctx, version, actor="test")
    browser = rooms.as_role("admin")
    assert "ours does not look at: the earlier day where a day is full" in browser.get("/routing").text
    answer = browser.post(f"/routing/rules/{version}/new-criteria")
    assert answer.headers["location"] == f"/routing/rules/{version + 1}"
    assert "full_day" in read_ruleset_fact(rooms.ctx.db, version + 1).body["strategies"][0]["criteria"]


def test_a_version_is_not_compared_with_itself(rooms: Web) -> None:
    browser = rooms.as_role("admin")
    before = len(find_simulations(rooms.ctx.db))
    answer = browser.post("/routing/simulator", data={"trial": "0", "base": "0", "days": "7"})
    assert answer.status_code == 422
    assert "these rules and the rules compared with are one version" in answer.text
    assert len(find_simulations(rooms.ctx.db)) == before


def test_a_draft_of_a_template_says_which(rooms: Web) -> None:
    where = rooms.as_role("admin").post("/routing/drafts", data={"named": "cheapest"}).headers["location"]
    version = int(where.split("/")[-2])
    assert read_ruleset_fact(rooms.ctx.db, version).note == "Cheapest in money"
