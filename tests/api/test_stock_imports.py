"""Stock files through the API: sent as a form, looked at, applied once."""

from __future__ import annotations

from tests.api.conftest import Api

CSV = b"sku,quantity\nA,8\nX,1\n"


def test_a_file_is_sent_looked_at_and_applied(both: Api) -> None:
    program = both.key("operator")
    form = {"files": {"file": ("stock.csv", CSV)}, "data": {"warehouse": "W1"}, "headers": {"idempotency-key": "f1"}}
    made = program.post("/stock-imports", **form)
    assert (made.status_code, made.json()["summary"]["new"], made.json()["summary"]["problem"]) == (201, 1, 1)
    assert program.post("/stock-imports", **form).content == made.content
    path = f"/stock-imports/{made.json()['id']}"
    (row,) = program.get(f"{path}/rows?status=problem").json()["data"]
    assert (row["line"], row["sku"]) == (3, "X")
    assert len(both.all(program, f"{path}/rows", limit=1)) == 2
    assert program.post(f"{path}/apply").status_code == 409
    done = program.post(f"{path}/apply", json={"skip_problems": True}).json()
    assert (done["state"], done["applied"]) == ("applied", {"rows": 1, "more": 8, "fewer": 0, "late": 0})
    assert both.world.balance("A", "W1") == (8, 0)
    assert [found["id"] for found in program.get("/stock-imports").json()["data"]] == [made.json()["id"]]


def test_a_person_sends_a_file_with_the_forms_token(api: Api) -> None:
    person = api.person("operator")
    made = person.post("/stock-imports", files={"file": ("stock.csv", CSV)}, data={"warehouse": "W1"})
    assert made.status_code == 201
    cancelled = person.post(f"/stock-imports/{made.json()['id']}/cancel").json()
    assert cancelled["state"] == "cancelled"


def test_a_file_over_20_mb_is_cut_off_and_other_bodies_still_at_256_kib(api: Api) -> None:
    program = api.key("operator")
    large = program.post("/stock-imports", files={"file": ("stock.csv", b"x" * (21 * 1024 * 1024))})
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    assert (
        program.post("/stock-imports", files={"file": ("s.csv", b"sku,quantity\n" + b"\n" * 300_000)}).status_code
        == 201
    )
    assert program.post("/stock/counts", content=b" " * 300_000).status_code == 413


def test_a_form_that_names_something_else_is_refused(api: Api) -> None:
    program = api.key("operator")
    answer = program.post("/stock-imports", files={"file": ("stock.csv", CSV)}, data={"state": "applied"})
    assert answer.status_code == 422
    assert "state" in answer.json()["detail"]
    assert program.post("/stock-imports", data={"warehouse": "W1"}).status_code == 422
