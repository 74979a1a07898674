"""What people see when something goes wrong: what, where, how to mend it, and the reference that the log has."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from hub.pages.shell import Page
from hub.usecases.sign_in import Session
from hub.web.auth import current_session
from hub.web.errors import Problem
from hub.web.services import get_services


def error_page(request: Request, problem: Problem) -> Response:
    """The failure as a page: inside the shell for who is signed in; only the card for a part that htmx swaps."""
    session = _session(request)
    page = Page(request, get_services(request), session)
    values = {"problem": problem, "detail": _detail(page, problem)}
    if request.headers.get("hx-request"):
        body = Markup(page.fragment("errors/body.html", **values))  # noqa: S704  our own template, escaped inside
        return Response(body, problem.status, problem.headers, media_type="text/html")
    response = page.render("errors/inside.html" if session else "errors/outside.html", problem.status, **values)
    response.headers.update(problem.headers)
    return response


def _detail(page: Page, problem: Problem) -> str:
    if problem.status == 500:
        return page.gettext("It was written to the log under the reference below.")
    if problem.code == "http":
        return page.gettext("No such page.") if problem.status == 404 else page.gettext("The page does not take this.")
    words = page.said(problem.detail)
    return words[:1].upper() + words[1:]


def _session(request: Request) -> Session | None:
    """Who is signed in, also where no route was found; None when the database does not answer."""
    try:
        return current_session(request, get_services(request))
    except SQLAlchemyError:
        return None
