"""Rules, rates and warehouses over the API: a draft from body to activation, exact money, and errors by their path."""

from __future__ import annotations

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
    done = client.post("/rates/import", json={"csv": "carrier,zone,up_to_g,price\nDHL,a,500,4.90\n"})
    assert done.json() == {"kind": "rates", "added": 1, "changed": 0, "removed": 0, "same": 0}
    assert client.get("/rates", params={"zone": "a"}).json()["data"] == [
        {"carrier": "DHL", "service": "", "warehouse": "", "zone": "a", "up_to_g": 500, "price": "4.90",
         "per_unit": "0.00", "days": 0}
    ]  # fmt: skip
    assert client.get("/rates", params={"zone": "b"}).json()["data"] == []
    client.post("/rates/import", json={"csv": "country,postal_prefix,zone\nDE,8,a\n"})
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
