"""Every page, taken from the route table: signed out, without its permission, with it, and with a forged form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from hub.pages import app as pages
from hub.pages.gallery import router as gallery
from hub.rules.permissions import PEOPLE_ROLES, PERMISSIONS
from hub.web.auth import permission_of
from tests.fixtures.pages import Web

OPEN = {"/sign-in", "/link/{token}", "/language/{code}"}
"""Pages for people who are not signed in. Adding one is a decision."""

ANYONE = {"/", "/account", "/account/password", "/account/looks", "/sign-out"}
"""Pages for every signed-in person, whatever the role."""

PARTS = {"/overview/live", "/orders/tabs", "/channels/live"}
"""Parts of pages that a script puts in place."""

EXAMPLES: dict[str, str] = {
    "user_id": "1", "key_id": "1", "token": "none", "code": "en", "order_id": "1", "connection_id": "1", "pick_id": "1",
    "channel": "none", "version": "1", "simulation_id": "1", "import_id": "1", "proposal_id": "1", "transfer_id": "1",
    "count_id": "1", "delivery_id": "1",
}  # fmt: skip
"""A value for each path parameter; the thing need not exist."""


def _routes(routers: tuple[APIRouter, ...]) -> Iterator[tuple[str, str, str | None]]:
    """(method, path, permission) of every route."""
    for router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield method, route.path, _permission(route.dependant)


def _permission(dependant: Dependant) -> str | None:
    own = permission_of(dependant.call) if dependant.call else None
    return own or next((found for inner in dependant.dependencies if (found := _permission(inner))), None)


ROUTES = list(_routes((*pages.AREAS, gallery)))
GUARDED = [(method, path, needed) for method, path, needed in ROUTES if needed]
FORMS = [(method, path) for method, path, _needed in ROUTES if method != "GET" and path not in OPEN]


def _url(path: str) -> str:
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"give {path} an example in EXAMPLES"
    return path


def test_every_page_names_its_permission_or_is_listed_as_open() -> None:
    assert {path for _method, path, needed in ROUTES if not needed} == OPEN | ANYONE


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ROUTES if path not in OPEN])
def test_signed_out_people_are_sent_to_the_sign_in_and_programs_get_401(web: Web, method: str, path: str) -> None:
    answer = web.browser().request(method, _url(path))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    program = web.browser().request(method, _url(path), headers={"accept": "application/json"})
    assert (program.status_code, program.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(("method", "path", "needed"), GUARDED)
def test_each_role_gets_what_the_permission_table_says(web: Web, method: str, path: str, needed: str) -> None:
    for role in PEOPLE_ROLES:
        status = web.as_role(role).request(method, _url(path)).status_code
        assert (status == 403) == (needed not in PERMISSIONS[role]), f"{role}: {status}"
        assert status < 500


@pytest.mark.parametrize(("method", "path"), FORMS)
def test_a_form_without_its_token_or_from_another_site_is_refused(web: Web, method: str, path: str) -> None:
    browser = web.as_role("admin")
    token = browser.headers.pop("x-csrf-token")
    assert browser.request(method, _url(path)).status_code == 403
    assert browser.request(method, _url(path), data={"csrf": "x" * 43}).status_code == 403
    foreign = {"x-csrf-token": token, "origin": "http://evil.test"}
    assert browser.request(method, _url(path), headers=foreign).status_code == 403
    foreign = {"x-csrf-token": token, "sec-fetch-site": "cross-site"}
    assert browser.request(method, _url(path), headers=foreign).status_code == 403
    assert browser.request(method, _url(path), data={"csrf": token}).status_code != 403


@pytest.mark.parametrize("path", sorted(path for method, path, _ in ROUTES if method == "GET" and "{" not in path))
def test_every_page_renders_in_both_languages_for_the_admin(web: Web, path: str) -> None:
    browser = web.as_role("admin")
    for language in ("en", "zh_CN"):
        browser.cookies.set("stockline_language", language)
        answer = browser.get(path)
        assert answer.status_code in {200, 303, 404}  # 404: it asks for a thing that is named in the query
        if answer.status_code != 303 and path not in PARTS:
            assert f'lang="{language.replace("_", "-")}"' in answer.text


def test_an_api_key_opens_no_page(web: Web) -> None:
    from hub.rules.permissions import SYSTEM
    from hub.usecases.api_keys import create_key

    key = create_key(web.ctx, SYSTEM, "erp", "admin").text
    program = {"authorization": f"Bearer {key}", "accept": "application/json"}
    assert web.browser().get("/users", headers=program).status_code == 401
    assert web.as_role("viewer").get("/users", headers=program).status_code == 401
