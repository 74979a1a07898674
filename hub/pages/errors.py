"""What people see when something goes wrong: what, where, how to mend it, and the reference that the log has."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup

from hub.pages.shell import Page
from hub.usecases.sign_in import Session
from hub.web.errors import Problem
from hub.web.services import get_services


def error_page(request: Request, problem: Problem) -> Response:
    """The failure as a page: inside the shell for who is signed in; only the card for a part that htmx swaps."""
    session: Session | None = getattr(request.state, "session", None)
    page = Page(request, get_services(request), session)
    detail = problem.detail if problem.status not in {404, 500} or problem.code != "http" else ""
    values = {"problem": problem, "detail": detail[:1].upper() + detail[1:] or page.gettext("No such page.")}
    if request.headers.get("hx-request"):
        body = Markup(page.fragment("errors/body.html", **values))  # noqa: S704  our own template, escaped inside
        return Response(body, problem.status, problem.headers, media_type="text/html")
    response = page.render("errors/inside.html" if session else "errors/outside.html", problem.status, **values)
    response.headers.update(problem.headers)
    return response
