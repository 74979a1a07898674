"""What the API and the pages share: headers, errors, keys."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from hub.canonical import errors
from hub.canonical.errors import BadRecord, Conflict, NotFound, StocklineError, Throttled
from hub.rules.permissions import SYSTEM, Principal
from hub.usecases.api_keys import create_key, revoke_key
from hub.web.auth import require
from hub.web.errors import install_errors
from tests.fixtures.pages import Web

CANARY = "shpat_canary_4711"
JSON = {"accept": "application/json"}


@pytest.fixture
def api(web: Web) -> TestClient:
    """A few routes as the API would have them, and a program that calls them."""
    app = web.app

    @app.get("/api/v1/orders")
    def orders(who: Annotated[Principal, Depends(require("orders.read"))]) -> dict[str, str]:
        return {"who": who.actor}

    @app.post("/api/v1/orders")
    def change(who: Annotated[Principal, Depends(require("orders.write"))]) -> dict[str, str]:
        return {"who": who.actor}

    @app.get("/api/v1/raise/{kind}")
    def fail(kind: str) -> None:
        raise {
            "conflict": Conflict("order 7 is shipped already; return it instead"),
            "record": BadRecord("lines[0].price", "abc", "expected a number"),
            "slow": Throttled("the shop asked us to wait", 2.4),
            "crash": ValueError(CANARY),
        }[kind]

    @app.get("/crash")
    def crash() -> None:
        raise ValueError(CANARY)

    @app.get("/api/v1/number/{number}")
    def number(number: int) -> int:
        return number

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"one\n", b"two\n"]), media_type="text/event-stream")

    return TestClient(app, base_url="http://hub.test", headers=JSON)


def _key(web: Web, role: str) -> dict[str, str]:
    return {"authorization": f"Bearer {create_key(web.ctx, SYSTEM, 'erp', role).text}"}


def test_every_answer_has_the_security_headers_and_a_reference(api: TestClient) -> None:
    for path in ("/sign-in", "/nowhere", "/api/v1/raise/crash", "/stream", "/static/app.css"):
        headers = api.get(path).headers
        policy = headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert len(headers["x-request-id"]) == 8
    assert api.get("/sign-in").headers["cache-control"] == "no-store"
    assert "immutable" in api.get("/static/app.css?v=1").headers["cache-control"]
    assert api.get("/static/app.css").headers["cache-control"] == "no-cache"


def test_a_key_works_within_its_role_and_needs_no_form_token(web: Web, api: TestClient) -> None:
    viewer, operator = _key(web, "viewer"), _key(web, "operator")
    assert api.get("/api/v1/orders", headers=viewer).json() == {"who": "key:1"}
    refused = api.post("/api/v1/orders", headers=viewer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert api.post("/api/v1/orders", headers=operator).status_code == 200
    revoke_key(web.ctx, SYSTEM, 2)
    assert api.post("/api/v1/orders", headers=operator).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer sl_x_y", "bearer \x00", "Bearer " + "x" * 9000]
)
def test_what_is_no_key_is_a_401_with_a_hint(api: TestClient, header: str) -> None:
    answer = api.get("/api/v1/orders", headers={"authorization": header})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_session_cookie_may_use_the_api_with_the_token_in_a_header(web: Web, api: TestClient) -> None:
    browser = web.as_role("operator")
    assert browser.post("/api/v1/orders", headers=JSON).status_code == 200
    del browser.headers["x-csrf-token"]
    assert browser.get("/api/v1/orders", headers=JSON).status_code == 200
    refused = browser.post("/api/v1/orders", headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (403, "forged_request")


def test_errors_are_problems_with_what_where_and_a_reference(api: TestClient) -> None:
    answer = api.get("/api/v1/raise/conflict")
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "about:blank", "title": "Conflict", "status": 409, "code": "conflict",
        "detail": "order 7 is shipped already; return it instead", "instance": "/api/v1/raise/conflict",
        "ref": answer.headers["x-request-id"],
    }  # fmt: skip
    record = api.get("/api/v1/raise/record").json()
    assert (record["status"], record["field"], record["value"]) == (422, "lines[0].price", "abc")
    slow = api.get("/api/v1/raise/slow")
    assert (slow.status_code, slow.headers["retry-after"]) == (503, "2")
    wrong = api.get("/api/v1/number/x").json()
    assert (wrong["code"], wrong["errors"][0]["field"]) == ("invalid_request", "path.number")
    assert api.get("/nowhere").json()["status"] == 404


def test_a_crash_tells_neither_the_client_nor_the_log_its_values(
    api: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    program = api.get("/api/v1/raise/crash")
    person = api.get("/crash", headers={"accept": "text/html"})
    logged = "".join(capsys.readouterr())
    assert (program.status_code, person.status_code) == (500, 500)
    assert program.json()["ref"] in logged and "ValueError" in logged
    assert person.headers["x-request-id"] in person.text
    assert CANARY not in program.text + person.text + logged


def test_people_get_a_page_and_a_swapped_part_only_the_card(web: Web, api: TestClient) -> None:
    browser = web.as_role("viewer")
    page = browser.get("/nowhere")
    assert (page.status_code, "There is nothing here" in page.text, "<html" in page.text) == (404, True, True)
    part = browser.get("/nowhere", headers={"hx-request": "true"})
    assert ("There is nothing here" in part.text, "<html" in part.text) == (True, False)
    gone = web.browser().get("/users", headers={"hx-request": "true"})
    assert (gone.status_code, gone.headers["hx-redirect"]) == (401, "/sign-in?next=/users")


def test_every_error_of_ours_has_an_answer_with_its_own_status(web: Web) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StocklineError)]
    assert len(kinds) >= 15
    app = FastAPI()
    install_errors(app)

    @app.get("/{place}")
    def fail(place: int) -> None:
        kind = kinds[place]
        raise kind(*"abcde"[: {BadRecord: 3, errors.ConnectorFault: 5}.get(kind, 1)])

    client = TestClient(app)
    for place, kind in enumerate(kinds):
        assert client.get(f"/{place}").status_code == kind.status


def test_an_unknown_permission_is_refused_when_the_route_is_made() -> None:
    with pytest.raises(ValueError, match=r"orders\.raed"):
        require("orders.raed")  # type: ignore[arg-type]


def test_not_found_is_kept_apart_from_not_allowed() -> None:
    assert (NotFound.status, errors.NotAllowed.status) == (404, 403)
