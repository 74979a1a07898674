"""The shell in a real browser: nothing breaks the policy, nothing is fetched from outside, phones fit, scripts help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import pytest
from fastapi import Depends
from fastapi.responses import HTMLResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from hub.pages.assets import has_asset
from hub.pages.shell import Page, environment, page_for
from hub.rules.permissions import SYSTEM
from hub.usecases.api_keys import create_key
from tests.fixtures.need import skip_or_fail
from tests.fixtures.pages import PASSWORD, Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.browser
Reading = Annotated[Page, Depends(page_for("overview.read"))]
Size = tuple[int, int]
PHONE = (390, 844)
DESK = (1440, 900)


@contextmanager
def _tab(browser: Browser, hub: Served, role: str, language: str = "en", *, size: Size = DESK) -> Iterator[Tab]:
    """A tab signed in as `role`; at the end it fails when the console complained or another host was asked."""
    scheme: Literal["dark", "light"] = "dark" if size is PHONE else "light"
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    complaints: list[str] = []
    if role:
        context.add_cookies(hub.cookies(role, language))  # type: ignore[arg-type]
    tab = context.new_page()
    tab.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith(hub.address) else complaints.append(request.url))
    try:
        yield tab
        assert complaints == []
    finally:
        context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_page_fits_its_screen_and_breaks_no_policy(
    browser: Browser, served_web: Served, language: str, size: Size
) -> None:
    create_key(served_web.web.ctx, SYSTEM, "ERP", "operator")
    with _tab(browser, served_web, "admin", language, size=size) as tab:
        for path in ("/gallery", "/users", "/users/new", "/users/1", "/keys/new", "/account"):
            tab.goto(served_web.address + path)
            assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
            assert tab.locator("h1").count() == 1
            assert tab.locator("nav[aria-label] [aria-current]:visible").count() >= (0 if path == "/account" else 1)


def test_a_person_signs_in_changes_colors_and_signs_out(browser: Browser, served_web: Served) -> None:
    served_web.web.as_role("operator", "ada")
    with _tab(browser, served_web, "") as tab:
        tab.goto(f"{served_web.address}/account")
        tab.get_by_label("Name or e-mail").fill("ada")
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url("**/account")
        tab.locator(".side .menu summary").click()
        tab.locator(".side").get_by_role("button", name="Dark").click()
        tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == "rgb(19, 20, 18)"
        tab.locator(".side .menu summary").click()
        tab.get_by_role("button", name="Sign out").click()
        tab.wait_for_url("**/sign-in")


def test_a_dangerous_button_asks_first_and_no_means_no(browser: Browser, served_web: Served) -> None:
    create_key(served_web.web.ctx, SYSTEM, "ERP", "operator")
    with _tab(browser, served_web, "admin") as tab:
        tab.goto(f"{served_web.address}/users")
        tab.get_by_role("button", name="Revoke").click()
        dialog = tab.locator("dialog[open]")
        assert "stop working at once" in dialog.inner_text()
        dialog.get_by_role("button", name="Cancel").click()
        assert tab.get_by_role("button", name="Revoke").count() == 1
        tab.get_by_role("button", name="Revoke").click()
        dialog.get_by_role("button", name="Revoke").click()
        tab.get_by_text("The key was revoked.").wait_for()
        assert tab.get_by_role("button", name="Revoke").count() == 0


def test_keys_and_menus_work_without_a_mouse(browser: Browser, served_web: Served) -> None:
    with _tab(browser, served_web, "admin") as tab:
        tab.goto(f"{served_web.address}/gallery")
        tab.keyboard.press("/")
        assert tab.evaluate("document.activeElement.name") == "q"
        menu = tab.locator(".side details.menu")
        menu.locator("summary").focus()
        tab.keyboard.press("Enter")
        assert menu.evaluate("menu => menu.open")
        tab.keyboard.press("Escape")
        assert not menu.evaluate("menu => menu.open")


def test_a_live_part_is_replaced_by_what_the_server_sends(browser: Browser, served_web: Served) -> None:
    if not has_asset("vendor/hx-sse.min.js"):
        skip_or_fail("set-up fetched no front-end files: python3 tools/assets.py")
    app = served_web.web.app

    @app.get("/live-test")
    def page_with_live_part(page: Reading) -> Response:
        source = (
            '{% extends "base.html" %}{% import "ui.html" as ui with context %}'
            '{% block content %}{% call ui.live("/live-test/events") %}old{% endcall %}{% endblock %}'
        )
        return HTMLResponse(environment("en").from_string(source).render(page._shell()))

    @app.get("/live-test/events", response_class=EventSourceResponse)
    def events(page: Reading) -> Iterator[ServerSentEvent]:
        yield ServerSentEvent(raw_data="<b id='fresh'>one\ntwo</b>")

    with _tab(browser, served_web, "viewer") as tab:
        tab.goto(f"{served_web.address}/live-test")
        tab.locator("#fresh").wait_for(timeout=10_000)
        assert tab.locator("#fresh").inner_text() == "one two"
