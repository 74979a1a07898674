"""The rooms of counts: blind while they are open, variances once handed in, written when somebody approves."""

from __future__ import annotations

from hub.reports.counts import read_count
from hub.reports.sku import read_sku
from hub.rules.permissions import SYSTEM
from hub.usecases.manage_users import create_user
from tests.fixtures.pages import Web


def _open(rooms: Web, **more: str) -> int:
    form = {"warehouse": "BER", "skus": "LAMP-OAK TEE-RED-M", "blind": "1", "note": "aisle 4"} | more
    answer = rooms.as_role("operator").post("/stock/counts/new", data=form)
    assert answer.status_code == 303
    return int(answer.headers["location"].rpartition("/")[2])


def test_scans_add_up_and_the_page_of_a_blind_count_tells_no_book_stock(rooms: Web) -> None:
    books = read_sku(rooms.ctx.db, "TEE-RED-M", rooms.ctx.clock()).row.places["BER"].on_hand
    count = _open(rooms)
    picker = rooms.as_role("warehouse")
    for expected in (1, 2):
        answer = picker.post(f"/stock/counts/{count}/scan", data={"code": "TEE-RED-M"}, headers={"hx-request": "true"})
        assert f"TEE-RED-M: {expected} counted" in answer.text and "<html" not in answer.text
    page = picker.get(f"/stock/counts/{count}").text
    assert "1 of 2 shelves counted" in page and f"/ {books}" not in page
    assert "1 counted" in picker.post(f"/stock/counts/{count}/scan", data={"code": "TEE-RED-M", "undo": "1"}).text
    strange = picker.post(f"/stock/counts/{count}/scan", data={"code": "MUG-BLUE"})
    assert "is not in count" in strange.text
    unknown = picker.post(f"/stock/counts/{count}/scan", data={"code": "<b>"}).text
    assert "is no SKU or barcode" in unknown and "&lt;b&gt;" in unknown


def test_a_count_is_handed_in_reviewed_and_approved(rooms: Web) -> None:
    before = read_sku(rooms.ctx.db, "TEE-RED-M", rooms.ctx.clock()).row.places["BER"].on_hand
    count = _open(rooms)
    picker, lead = rooms.as_role("warehouse"), rooms.as_role("operator")
    wrong = picker.post(f"/stock/counts/{count}/enter", data={"code": "TEE-RED-M", "counted": "-1"})
    assert wrong.status_code == 422 and "use a whole number of pieces" in wrong.text
    form = {"code": "TEE-RED-M", "counted": str(before + 4)}
    assert f"TEE-RED-M: {before + 4} counted" in picker.post(f"/stock/counts/{count}/enter", data=form).text
    assert picker.post(f"/stock/counts/{count}/submit").status_code == 303
    assert picker.post(f"/stock/counts/{count}/approve").status_code == 403
    review = lead.get(f"/stock/counts/{count}").text
    assert "+4" in review and "1 shelf was not counted" in review and "LAMP-OAK" not in review
    assert "LAMP-OAK" in lead.get(f"/stock/counts/{count}?show=all").text
    assert read_sku(rooms.ctx.db, "TEE-RED-M", rooms.ctx.clock()).row.places["BER"].on_hand == before
    assert lead.post(f"/stock/counts/{count}/approve").status_code == 303
    assert read_sku(rooms.ctx.db, "TEE-RED-M", rooms.ctx.clock()).row.places["BER"].on_hand == before + 4
    assert read_count(rooms.ctx.db, count).state == "approved"


def test_doubted_shelves_are_counted_again_and_a_count_is_thrown_away(rooms: Web) -> None:
    count = _open(rooms)
    lead = rooms.as_role("operator")
    for sku in ("TEE-RED-M", "LAMP-OAK"):
        lead.post(f"/stock/counts/{count}/enter", data={"code": sku, "counted": "99"})
    lead.post(f"/stock/counts/{count}/submit")
    again = {"reason": "too many", "do": "recount", "sku": "LAMP-OAK"}
    assert lead.post(f"/stock/counts/{count}/reject", data=again).status_code == 303
    found = read_count(rooms.ctx.db, count)
    assert found.state == "open" and {line.sku: line.counted for line in found.lines} == {
        "LAMP-OAK": None, "TEE-RED-M": 99,
    }  # fmt: skip
    assert lead.post(f"/stock/counts/{count}/reject", data={"reason": "stop", "do": "drop"}).status_code == 303
    assert read_count(rooms.ctx.db, count).state == "rejected"


def test_counts_of_other_warehouses_are_not_shown(rooms: Web) -> None:
    count = _open(rooms)
    create_user(rooms.ctx, SYSTEM, "szx@example.com", "warehouse", ("SZX",))
    other = rooms.as_role("warehouse", "szx@example.com")
    assert other.get(f"/stock/counts/{count}").status_code == 403
    assert other.post(f"/stock/counts/{count}/scan", data={"code": "LAMP-OAK"}).status_code == 403
    assert "No counts yet" in other.get("/stock/counts").text
    assert other.post("/stock/counts/new", data={"warehouse": "BER"}).status_code == 403
    listed = rooms.as_role("viewer").get("/stock/counts?state=open").text
    assert "aisle 4" in listed and "blind" in listed
    same = rooms.as_role("operator").post("/stock/counts/new", data={"warehouse": "BER", "skus": "LAMP-OAK"})
    assert same.status_code == 409 and "open already" in same.text
