"""Expected deliveries on their pages: written down, received, given up; in both languages."""

from __future__ import annotations

from tests.fixtures.pages import Web

NEW = {"sku": "MUG-BLUE", "warehouse": "SZX", "pieces": "10", "due_on": "2030-12-24", "ref": "PO-7", "key": "once"}


def test_a_delivery_goes_from_its_form_to_the_last_piece(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    for _ in range(2):
        assert browser.post("/stock/expected", data=NEW).headers["location"] == "/stock/expected/1"
    assert "Delivery 1" in browser.get("/stock/expected").text
    sku = browser.get("/stock/item?sku=MUG-BLUE").text
    assert "not sold before they are here" in sku and "/stock/expected/1" in sku and "Not counted before" in sku
    bad = browser.post("/stock/expected/1/receive", data={"whole": "2", "damaged": "1", "key": "a"})
    assert bad.status_code == 422 and "pieces that arrived damaged need a reason" in bad.text
    for _ in range(2):
        part = {"whole": "2", "damaged": "1", "reason": "wet", "key": "a"}
        assert browser.post("/stock/expected/1/receive", data=part).status_code == 303
    assert "7 pieces still to come" in browser.get("/stock/expected/1").text
    assert browser.post("/stock/expected/1/close", data={"reason": "out"}).status_code == 303
    done = browser.get("/stock/expected/1").text
    assert "7 pieces fewer than expected came." in done and "Receive in" not in done
    assert "Nothing is expected" in browser.get("/stock/expected").text
    assert "Delivery 1" in browser.get("/stock/expected?state=all").text


def test_a_form_with_faults_comes_back_as_it_was_typed(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    for wrong, words in (
        ({"pieces": "many"}, "use a whole number of pieces"), ({"pieces": "0"}, "a delivery brings 1 or more"),
        ({"sku": "NOPE"}, "there is no SKU"), ({"due_on": "soon"}, "use a date such as"),
    ):  # fmt: skip
        answer = browser.post("/stock/expected", data=NEW | wrong)
        assert answer.status_code in (404, 422) and words in answer.text and 'value="PO-7"' in answer.text


def test_a_warehouse_receives_its_own_and_writes_nothing_down(rooms: Web) -> None:
    rooms.as_role("operator").post("/stock/expected", data=NEW)
    browser = rooms.as_role("viewer")
    assert "Receive in" not in browser.get("/stock/expected/1").text
    assert browser.post("/stock/expected", data=NEW).status_code == 403
    assert browser.post("/stock/expected/1/receive", data={"whole": "1"}).status_code == 403


def test_a_chinese_page_is_chinese(rooms: Web) -> None:
    browser = rooms.as_role("operator")
    browser.post("/stock/expected", data=NEW)
    browser.cookies.set("stockline_language", "zh_CN")
    assert "登记待到货" in browser.get("/stock/expected").text
    bad = browser.post("/stock/expected/1/receive", data={"whole": "0"}).text
    assert "到货 0 件：请填写到货件数，至少 1 件" in bad
