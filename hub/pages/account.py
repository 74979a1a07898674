"""Signing in and out, one-time links, the own account, language and colors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from hub.canonical.errors import AuthFailed, BadInput, NotFound
from hub.pages.i18n import COOKIE as LANGUAGE
from hub.pages.i18n import LANGUAGES, N_
from hub.pages.shell import THEME, THEMES, Page, open_page, page_for_anyone
from hub.store.passwords import password_problem
from hub.usecases.login_links import link_owner, use_link
from hub.usecases.manage_users import change_own_password, has_password
from hub.usecases.sign_in import Session, set_own_looks, sign_in, sign_out
from hub.web.auth import COOKIE, clear_session_cookie, same_site, set_session_cookie

router = APIRouter()
Open = Annotated[Page, Depends(open_page)]
Mine = Annotated[Page, Depends(page_for_anyone)]
YEAR_S = 31_536_000

PASSWORD_PROBLEMS = {
    "short": N_("Use at least 12 characters. A sentence is easy to remember."),
    "long": N_("Use at most 256 characters."),
    "repeats": N_("This repeats itself; use at least 5 different characters."),
    "email": N_("This is the name you sign in with; choose something else."),
}


def own_path(path: str) -> str:
    """The path when it is one of our own pages, else "/": nobody is sent to another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if plain else "/"


@router.get("/sign-in")
def sign_in_page(page: Open, next: str = "/") -> Response:
    if page.session:
        return RedirectResponse(page.home if next == "/" else own_path(next), status_code=303)
    return page.render("account/sign_in.html", next=own_path(next), name="", failed=False)


@router.post("/sign-in", dependencies=[Depends(same_site)])
def sign_in_now(
    page: Open, name: Annotated[str, Form()], password: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    try:
        session = sign_in(page.ctx, name, password, old_token=page.request.cookies.get(COOKIE, ""))
    except AuthFailed:
        return page.render("account/sign_in.html", 401, next=own_path(next), name=name, failed=True)
    return _signed_in(page, session, own_path(next))


@router.post("/sign-out")
def sign_out_now(page: Mine) -> Response:
    sign_out(page.ctx, page.request.cookies.get(COOKIE, ""))
    response = page.redirect("/sign-in")
    clear_session_cookie(response)
    return response


@router.get("/link/{token}")
def link_page(page: Open, token: str) -> Response:
    try:
        return page.render("account/link.html", owner=link_owner(page.ctx, token), error="")
    except NotFound:
        return page.render("account/gone.html", 404)


@router.post("/link/{token}", dependencies=[Depends(same_site)])
def link_use(
    page: Open, token: str, password: Annotated[str, Form()] = "", skip: Annotated[str, Form()] = ""
) -> Response:
    try:
        owner = link_owner(page.ctx, token)
        without = bool(skip) and page.services.demo
        problem = None if without else password_problem(password, owner.name)
        if problem:
            words = page.gettext(PASSWORD_PROBLEMS[problem])
            return page.render("account/link.html", 422, owner=owner, error=words)
        return _signed_in(page, use_link(page.ctx, token, None if without else password), "/")
    except NotFound:
        return page.render("account/gone.html", 404)


def _signed_in(page: Page, session: Session, path: str) -> Response:
    home = Page(page.request, page.services, session).home
    response = RedirectResponse(home if path == "/" else path, status_code=303)
    set_session_cookie(page.request, response, page.services, session.token)
    return response


@router.get("/account")
def account_page(page: Mine) -> Response:
    return page.render("account/account.html", errors={}, has_password=has_password(page.ctx, page.who))


@router.post("/account/password")
def password_change(page: Mine, password: Annotated[str, Form()], present: Annotated[str, Form()] = "") -> Response:
    errors: dict[str, str] = {}
    try:
        change_own_password(page.ctx, page.who, present, password)
        return page.redirect("/account", page.gettext("The password was changed."))
    except AuthFailed:
        errors["present"] = page.gettext("This is not your present password.")
    except BadInput:
        problem = password_problem(password, page.who.name) or "short"
        errors["password"] = page.gettext(PASSWORD_PROBLEMS[problem])
    return page.render("account/account.html", 422, errors=errors, has_password=has_password(page.ctx, page.who))


@router.post("/account/looks")
def looks_change(
    page: Mine, language: Annotated[str, Form()] = "", theme: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:  # fmt: skip
    chosen_language, chosen_theme = (language if language in LANGUAGES else None), (theme if theme in THEMES else None)
    set_own_looks(page.ctx, page.who, language=chosen_language, theme=chosen_theme)
    response = RedirectResponse(own_path(next), status_code=303)
    for cookie, value in ((LANGUAGE, chosen_language), (THEME, chosen_theme)):
        if value:
            response.set_cookie(cookie, value, max_age=YEAR_S, path="/", httponly=True, samesite="lax")
    return response


@router.get("/language/{code}")
def language_change(page: Open, code: str, next: str = "/") -> Response:
    response = RedirectResponse(own_path(next), status_code=303)
    if code in LANGUAGES:
        response.set_cookie(LANGUAGE, code, max_age=YEAR_S, path="/", httponly=True, samesite="lax")
    return response
