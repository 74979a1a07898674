"""The account pages as a person meets them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from hub.pages.account import own_path
from hub.reports.people import keys, people
from hub.rules.permissions import SYSTEM
from hub.store.tables import connections
from hub.usecases.login_links import first_admin_link
from hub.usecases.manage_users import create_user
from tests.fixtures.pages import PASSWORD, Web


def test_a_person_signs_in_lands_where_they_wanted_to_go_and_signs_out(web: Web) -> None:
    create_user(web.ctx, SYSTEM, "ada", "admin", password=PASSWORD)
    browser = web.browser()
    sent = browser.get("/users/new?role=x")
    assert sent.headers["location"] == "/sign-in?next=/users/new%3Frole%3Dx"
    form = {"name": "ada", "password": PASSWORD, "next": "/users/new?role=x"}
    answer = browser.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/users/new?role=x")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    page = browser.get("/account")
    token = re.search(r'name="csrf" content="([^"]+)"', page.text)
    assert token and page.status_code == 200
    assert browser.post("/sign-out", data={"csrf": token[1]}).headers["location"] == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_a_wrong_password_is_told_in_the_persons_language_and_the_name_is_kept(web: Web) -> None:
    answer = web.browser().post(
        "/sign-in", data={"name": "<ada>", "password": "x"}, headers={"accept-language": "zh-CN"}
    )
    assert answer.status_code == 401
    assert "名称或密码不正确" in answer.text
    assert 'value="&lt;ada&gt;"' in answer.text


def test_on_https_the_cookie_is_secure(make_web: Callable[..., Web]) -> None:
    web = make_web(https=True)
    create_user(web.ctx, SYSTEM, "ada", "admin", password=PASSWORD)
    answer = web.browser().post("/sign-in", data={"name": "ada", "password": PASSWORD})
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "path",
    ["//evil.test", "/\\evil.test", "https://evil.test", "evil", "", "/a\\b", "/a\r\nSet-Cookie: x=1", "javascript:x"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(web: Web, path: str) -> None:
    assert own_path(path) == "/"
    create_user(web.ctx, SYSTEM, "ada", "admin", password=PASSWORD)
    answer = web.browser().post("/sign-in", data={"name": "ada", "password": PASSWORD, "next": path})
    assert answer.headers["location"] == "/"


def test_the_first_link_sets_a_password_and_signs_in_once(web: Web) -> None:
    token = first_admin_link(web.ctx)
    browser = web.browser()
    for _ in range(2):
        assert "admin" in browser.get(f"/link/{token}").text
    short = browser.post(f"/link/{token}", data={"password": "short"})
    assert (short.status_code, "Use at least 12 characters" in short.text) == (422, True)
    assert browser.post(f"/link/{token}", data={"skip": "1"}).status_code == 422
    done = browser.post(f"/link/{token}", data={"password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert browser.get("/users").status_code == 200
    again = web.browser().get(f"/link/{token}")
    assert (again.status_code, "stockline user link" in again.text) == (404, True)


def test_only_the_demo_lets_its_link_skip_the_password(make_web: Callable[..., Web]) -> None:
    web = make_web(demo=True)
    token = first_admin_link(web.ctx)
    assert "without a password" in web.browser().get(f"/link/{token}").text
    assert web.browser().post(f"/link/{token}", data={"skip": "1"}).status_code == 303


def test_the_password_is_changed_and_told_once(web: Web) -> None:
    browser = web.as_role("viewer")
    wrong = browser.post("/account/password", data={"present": "x", "password": "a new long sentence"})
    assert (wrong.status_code, "not your present password" in wrong.text) == (422, True)
    weak = browser.post("/account/password", data={"present": PASSWORD, "password": "aaaaaaaaaaaaaaaa"})
    assert (weak.status_code, "repeats itself" in weak.text) == (422, True)
    done = browser.post("/account/password", data={"present": PASSWORD, "password": "a new long sentence"})
    assert done.headers["location"] == "/account"
    assert "The password was changed." in browser.get("/account").text
    assert "The password was changed." not in browser.get("/account").text


def test_language_and_colors_are_kept_with_the_person(web: Web) -> None:
    browser = web.as_role("viewer")
    browser.post("/account/looks", data={"language": "zh_CN"})
    browser.post("/account/looks", data={"theme": "dark"})
    browser.post("/account/looks", data={"theme": "<x>", "language": "xx"})
    page = web.as_role("viewer").get("/account").text
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert "我的账户" in page


def test_the_menu_shows_what_the_role_may_open(web: Web) -> None:
    assert 'href="/users"' in web.as_role("admin").get("/account").text
    assert 'href="/users"' not in web.as_role("viewer").get("/account").text


def test_an_admin_adds_a_person_hands_over_the_link_and_changes_them(web: Web) -> None:
    browser = web.as_role("admin")
    made = browser.post("/users/new", data={"name": "Pia <p>", "role": "warehouse"})
    link = re.search(r"http://hub\.test(/link/[\w-]+)", made.text)
    assert made.status_code == 200 and link
    assert "Pia &lt;p&gt;" in made.text
    assert web.browser().post(link[1], data={"password": PASSWORD}).headers["location"] == "/pick"
    pia = next(person for person in people(web.ctx.db, web.clock.now) if person.name.startswith("Pia"))
    assert pia.state == "active"
    taken = browser.post("/users/new", data={"name": "Pia <p>", "role": "viewer"})
    assert (taken.status_code, "there is a user" in taken.text) == (409, True)
    assert browser.post(f"/users/{pia.id}", data={"role": "viewer", "active": ""}).headers["location"] == "/users"
    assert "Saved." in browser.get("/users").text
    changed = next(person for person in people(web.ctx.db, web.clock.now) if person.id == pia.id)
    assert (changed.role, changed.state) == ("viewer", "off")
    assert browser.get("/users/4711").status_code == 404


def test_a_key_is_shown_once_and_revoked(web: Web) -> None:
    browser = web.as_role("admin")
    assert browser.post("/keys/new", data={"name": "ERP", "role": "viewer", "days": "²"}).status_code == 422
    made = browser.post("/keys/new", data={"name": "ERP", "role": "viewer", "days": "30"})
    text = re.search(r"sl_[0-9a-f]{8}_[\w-]{43}", made.text)
    assert text
    listed = browser.get("/users").text
    assert text[0] not in listed and text[0][:11] in listed
    key = keys(web.ctx.db, web.clock.now)[0]
    assert browser.post(f"/keys/{key.id}/revoke").headers["location"] == "/users"
    assert keys(web.ctx.db, web.clock.now)[0].state == "revoked"


def test_a_dealers_key_is_made_for_one_connection(web: Web) -> None:
    browser = web.as_role("admin")
    form = {"name": "dealer", "role": "feed", "days": "30"}
    refused = browser.post("/keys/new", data=form)
    assert (refused.status_code, "is made for one connection" in refused.text) == (422, True)
    row = {"name": "rhein", "channel": "feed", "created_at": web.clock.now, "updated_at": web.clock.now}
    with web.ctx.db.write() as connection:
        shop = connection.execute(insert(connections).values(**row).returning(connections.c.id)).scalar_one()
    assert 'value="feed"' in browser.get("/keys/new").text
    made = browser.post("/keys/new", data=form | {"connection": str(shop)})
    assert (made.status_code, "api/v1/connections/rhein/stock/changes" in made.text) == (200, True)
    assert keys(web.ctx.db, web.clock.now)[0].role == "feed"
    assert "Stock feed of one dealer" in browser.get("/users").text
    plain = browser.post("/keys/new", data=form | {"role": "viewer", "connection": str(shop)})
    assert (plain.status_code, "api/v1/orders" in plain.text) == (200, True)
