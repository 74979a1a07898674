"""Rules, rates and warehouses over the API: a draft from body to activation, exact money, and errors by their path."""

from __future__ import annotations

from hub.usecases.simulate_rules import run_simulations
from tests.api.conftest import Api


def test_rules_are_drafted_compared_activated_and_rolled_back(both: Api) -> None:
    client = both.key("operator")
    made = client.post("/rulesets", json={"body": {"criteria": ["distance"]}, "note": "nearest"})
    version = made.json()["version"]
    assert (made.status_code, made.json()["state"], made.json()["note"]) == (201, "draft", "nearest")
    words = [row["words"] for row in client.get(f"/rulesets/{version}/diff", params={"against": 0}).json()["data"]]
    assert words == [
        "strategies › default › criteria › full coverage: no longer full_coverage",
        "strategies › default › criteria › fewest parcels: no longer fewest_parcels",
        "strategies › default › criteria › full day: no longer full_day",
        "strategies › default › criteria › priority: no longer priority",
    ]
    assert client.post(f"/rulesets/{version}/activate").json()["active"] is True
    back = client.post(f"/rulesets/{0}/rollback", json={})
    assert (back.status_code, back.json()["active"], back.json()["note"]) == (201, True, "as version 0")
    listed = client.get("/rulesets").json()["data"]
    assert [(row["version"], row["state"]) for row in listed] == [
        (version + 1, "active"), (version, "retired"), (0, "retired"),
    ]  # fmt: skip
    assert client.get("/rulesets/99").status_code == 404


def test_a_wrong_body_is_refused_by_the_path_of_what_is_wrong(both: Api) -> None:
    client = both.key("operator")
    wrong = client.post("/rulesets", json={"body": {"strategies": [{"criteria": ["magic"]}]}})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    assert wrong.json()["detail"].startswith("ruleset.strategies[0].criteria[0] = 'magic': use one of full_coverage")
    assert client.put("/rulesets/0", json={"body": {}}).status_code == 404


def test_rates_are_imported_as_a_whole_and_read_back_exactly(both: Api) -> None:
    client = both.key("operator")
    client.post("/rates/import", json={"csv": "country,postal_prefix,zone\nDE,8,a\n"})
    done = client.post("/rates/import", json={"csv": "carrier,zone,up_to_g,price\nDHL,a,500,4.90\n"})
    assert done.json() == {"kind": "rates", "added": 1, "changed": 0, "removed": 0, "same": 0}
    assert client.get("/rates", params={"zone": "a"}).json()["data"] == [
        {"carrier": "DHL", "service": "", "warehouse": "", "zone": "a", "up_to_g": 500, "price": "4.90",
         "per_unit": "0.00", "days": 0}
    ]  # fmt: skip
    assert client.get("/rates", params={"zone": "b"}).json()["data"] == []
    assert client.get("/rates/zones").json()["data"] == [
        {"warehouse": "", "country": "DE", "postal_prefix": "8", "zone": "a"}
    ]
    wrong = client.post("/rates/import", json={"csv": "country,zone\nGermany,a\n"})
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422, "nothing was written; line 2: country = 'GERMANY': use two letters such as DE, or * for all others",
    )  # fmt: skip


def test_a_warehouse_says_when_it_works_and_what_it_can_take(both: Api) -> None:
    client = both.key("operator")
    given = {
        "zone": "Europe/Berlin", "hours": {"mon": [["08:00", "17:00"]]}, "cutoff": "14:00", "holidays": ["2026-12-25"],
        "daily_orders": 40, "accept_minutes": 30, "asks_from": "picked", "answer_minutes": 15, "handling": "1.20",
        "handling_unit": "0.05", "kind": "store", "tags": ["fragile"],
    }  # fmt: skip
    changed = client.put("/warehouses/W1", json=given)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in given} == given
    assert changed.json()["city"] == "Berlin"
    assert client.put("/warehouses/W1", json={"title": "North"}).json()["hours"] == given["hours"]
    for wrong, detail in (
        ({"zone": "Berlin"}, "warehouse.zone = 'Berlin': use a name such as Europe/Berlin, Asia/Shanghai or UTC"),
        ({"hours": {"mon": [["17:00", "08:00"]]}},
         "warehouse.hours.mon[0]: 17:00 is not before 08:00; a night shift is two spans, to 24:00 and from 00:00"),
    ):  # fmt: skip
        refused = client.put("/warehouses/W1", json=wrong)
        assert (refused.status_code, refused.json()["detail"]) == (422, detail)
    assert client.put("/warehouses/W1", json={"handling": 1.2}).status_code == 422
    assert client.get("/warehouses/W1").json()["handling"] == "1.20"


def test_a_sku_says_what_it_weighs_is_worth_and_is_tagged_with(both: Api) -> None:
    client = both.key("operator")
    made = client.put("/items/A", json={"title": "Apple", "weight_g": 180, "value": "0.35", "tags": ["food", "food"]})
    assert (made.json()["weight_g"], made.json()["value"], made.json()["tags"]) == (180, "0.35", ["food"])
    kept = client.put("/items/A", json={"title": "Red apple"}).json()
    assert (kept["title"], kept["weight_g"], kept["tags"]) == ("Red apple", 180, ["food"])
    assert client.put("/items/A", json={"weight_g": -1}).status_code == 422


def test_work_is_accepted_or_rejected_by_its_own_warehouse(both: Api) -> None:
    world, boss = both.world, both.key("operator")
    boss.put("/warehouses/W1", json={"accept_minutes": 30})
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    world.order("o1", A=1)
    world.order("o2", A=1)
    first, second = (world.lists(ref)[0].id for ref in ("o1", "o2"))
    foreign, own = both.person("warehouse", "W2"), both.person("warehouse", "W1")
    assert foreign.post(f"/fulfillment-orders/{first}/accept").status_code == 403
    asked = own.get(f"/fulfillment-orders/{first}").json()
    assert asked["request_status"] == "submitted" and asked["accept_by"] is not None
    assert own.post(f"/fulfillment-orders/{first}/accept").json()["request_status"] == "accepted"
    assert own.post(f"/fulfillment-orders/{second}/reject", json={"reason": "rain"}).status_code == 422
    assert own.post(f"/fulfillment-orders/{second}/reject", json={"reason": "busy"}).json()["status"] == "cancelled"
    world.work()
    assert world.takes("o2") == {("W2", "A"): 1}


def test_an_order_is_moved_explained_and_cancelled(both: Api) -> None:
    world, client = both.world, both.key("operator")
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    world.order("o1", A=2, more={"ship_to": {"country": "DE", "city": "Munich"}})
    order_id = world.row("o1").id
    told = client.get(f"/orders/{order_id}/routing", params={"what_if": "W2"}).json()
    assert (told["winner"]["warehouses"], told["runner_up"]["warehouses"], told["difference"]) == (["W1"], ["W2"], None)
    assert told["what_if"] == [{"kind": "priority", "amount": 1, "sku": None}] and told["what_if_together"] == []
    moved = client.post(f"/orders/{order_id}/move", json={"warehouse": "W2"}).json()
    assert moved == {"pick_ids": [str(world.lists("o1", "open")[0].id)]}
    again = client.post(f"/orders/{order_id}/move", json={"warehouse": "W2"})
    assert (again.status_code, again.json()["code"]) == (422, "bad_input")
    assert client.post(f"/orders/{order_id}/cancel", json={"reason": "the buyer asked"}).json() == {"done": "cancelled"}
    assert client.post(f"/orders/{order_id}/cancel/answer", json={"accept": True}).status_code == 404


def test_an_explanation_tells_on_which_day_each_warehouse_sends(both: Api) -> None:
    world, client = both.world, both.key("operator")
    client.put("/warehouses/W1", json={"daily_orders": 1})
    for place in ("W1", "W2"):
        world.stock("A", place, 5)
    for ref in ("o1", "o2"):
        world.order(ref, A=1)
    order_id = world.row("o2").id
    told = client.get(f"/orders/{order_id}/routing").json()
    days = [(row["warehouses"], row["ships_on"], row["moved_from"], row["reason"]) for row in told["candidates"]]
    assert days == [
        (["W2"], "2026-11-23", None, "chosen"), (["W1"], "2026-11-24", "2026-11-23", "ships_later"),
    ]  # fmt: skip
    assert (told["why"], told["winner"]["ships_on"]) == ("soonest_full", "2026-11-23")
    shown = client.get(f"/orders/{order_id}").json()["decision"]
    assert [row["moved_from"] for row in shown["candidates"]] == [None, "2026-11-23"]


def test_a_simulation_is_asked_for_played_and_read(both: Api) -> None:
    world, client = both.world, both.key("operator")
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    asked = client.post("/simulations", json={"body": {"criteria": ["distance"]}, "days": 7, "title": "near"})
    assert (asked.status_code, asked.json()["state"], asked.json()["title"]) == (201, "new", "near")
    assert world.bell.rung[-1] == ("rules.simulate", None)
    assert run_simulations(world.ctx) == 1
    done = client.get(f"/simulations/{asked.json()['id']}").json()
    assert (done["state"], done["result"]["different"], done["result"]["base"]["orders"]) == ("done", 0, 1)
    assert [row["title"] for row in client.get("/simulations").json()["data"]] == ["near"]
    assert client.post("/simulations", json={"ruleset": 0}).status_code == 422
