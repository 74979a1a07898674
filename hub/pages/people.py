"""Users and API keys: who may use the hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import NotFound, Rejected
from hub.pages.labels import label
from hub.pages.shell import Page, page_for
from hub.reports import people as report
from hub.reports.channels import channel_choices
from hub.rules.permissions import PEOPLE_ROLES, Role
from hub.usecases.api_keys import create_key, revoke_key
from hub.usecases.login_links import link_for
from hub.usecases.manage_users import change_user, create_user

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("users.read"))]
Writing = Annotated[Page, Depends(page_for("users.write"))]
Keys = Annotated[Page, Depends(page_for("keys.write"))]
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]


@router.get("/users")
def users_page(page: Reading) -> Response:
    db = page.ctx.db
    lists = {"people": report.people(db, page.now), "keys": report.keys(db, page.now)}
    return page.render("people/list.html", actions=report.recent_actions(db, 20), **lists)


@router.get("/users/new")
def person_new(page: Writing) -> Response:
    return _person_page(page, None, {"name": "", "role": "operator", "warehouses": (), "active": True})


@router.post("/users/new")
def person_add(page: Writing, name: Text = "", role: Text = "", warehouses: Texts = []) -> Response:  # noqa: B006
    values = {"name": name, "role": role, "warehouses": warehouses, "active": True}
    try:
        user_id = create_user(page.ctx, page.who, name, role, warehouses)
    except Rejected as error:
        return _person_page(page, None, values, problem=page.said(error), status=error.status)
    return _person_page(page, user_id, values, link=_link(page, user_id))


@router.get("/users/{user_id}")
def person_page(page: Reading, user_id: int) -> Response:
    return _person_page(page, user_id, None)


@router.post("/users/{user_id}")
def person_change(
    page: Writing, user_id: int, role: Text = "", warehouses: Texts = [], active: Text = ""  # noqa: B006
) -> Response:  # fmt: skip
    try:
        change_user(page.ctx, page.who, user_id, role=role, warehouses=warehouses, active=bool(active))
    except NotFound:
        raise
    except Rejected as error:
        return _person_page(page, user_id, None, problem=page.said(error), status=error.status)
    return page.redirect("/users", page.gettext("Saved."))


@router.post("/users/{user_id}/link")
def person_link(page: Writing, user_id: int) -> Response:
    return _person_page(page, user_id, None, link=_link(page, user_id))


def _link(page: Page, user_id: int) -> str:
    return f"{page.request.base_url}link/{link_for(page.ctx, page.who, user_id)}"


def _person_page(
    page: Page, user_id: int | None, values: dict[str, Any] | None, *,
    problem: str = "", link: str = "", status: int = 200,
) -> Response:  # fmt: skip
    """The form of one person; with `user_id` None of a new one. Raises NotFound."""
    person = report.person(page.ctx.db, page.now, user_id) if user_id is not None else None
    if person and values is None:
        values = {"role": person.role, "warehouses": person.warehouses, "active": person.state != "off"}
    return page.render(
        "people/person.html", status, person=person, values=values, problem=problem, link=link,
        roles=_roles(page), warehouses=report.warehouse_titles(page.ctx.db),
    )  # fmt: skip


def _roles(page: Page, roles: Iterable[Role] = PEOPLE_ROLES) -> list[tuple[str, str]]:
    return [(str(role), page.gettext(label("role", role))) for role in roles]


@router.get("/keys/new")
def key_new(page: Keys) -> Response:
    return _key_page(page, {"name": "", "role": "viewer", "days": "365", "connection": ""})


@router.post("/keys/new")
def key_add(page: Keys, name: Text = "", role: Text = "", days: Text = "", connection: Text = "") -> Response:
    """A key; the connection counts for the role feed only."""
    values = {"name": name, "role": role, "days": days, "connection": connection}
    shop = _number(connection) if role == Role.FEED and connection else None
    try:
        made = create_key(page.ctx, page.who, name, role, _number(days), connection_id=shop)
    except Rejected as error:
        return _key_page(page, values, problem=page.said(error), status=error.status)
    return _key_page(page, values, made=made)


def _number(text: str) -> int:
    """0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _key_page(
    page: Page, values: dict[str, Any], *, problem: str = "", made: Any = None, status: int = 200
) -> Response:
    shops = channel_choices(page.ctx.db)
    path = next((f"connections/{name}/stock/changes" for key, name in shops if key == values["connection"]), "orders")
    address = f"{page.request.base_url}api/v1/{path if values['role'] == Role.FEED else 'orders'}"
    return page.render(
        "people/key.html", status, values=values, problem=problem, made=made, roles=_roles(page, Role), shops=shops,
        address=address,
    )  # fmt: skip


@router.post("/keys/{key_id}/revoke")
def key_revoke(page: Keys, key_id: int) -> Response:
    revoke_key(page.ctx, page.who, key_id)
    return page.redirect("/users", page.gettext("The key was revoked."))
