"""Who is asking: the session cookie or an API key, the permission a route names, and the guard against forged forms."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from hub.canonical.errors import AuthFailed, NotAllowed
from hub.rules.permissions import ALL, Permission, Principal
from hub.usecases.api_keys import find_key
from hub.usecases.sign_in import SESSION_DAYS, Session, find_session
from hub.web.services import Services, get_services

COOKIE = "stockline_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
MOST_FIELDS = 10_000
"""Of one form: a ruleset with many strategies is a long form."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInNeeded(AuthFailed):
    """Nobody is signed in and no valid key came along: people are sent to the sign-in page, programs get a 401."""


class ForgedRequest(NotAllowed):
    """A form without its token, or one that another site sent."""


def current_session(request: Request, services: Annotated[Services, Depends(get_services)]) -> Session | None:
    """The live session of the cookie, looked up once per request; None without one. Also for signed-out pages."""
    if not hasattr(request.state, "session"):
        token = request.cookies.get(COOKIE, "")
        request.state.session = find_session(services.ctx, token) if token else None
    found: Session | None = request.state.session
    return found


def signed_in(
    request: Request,
    services: Annotated[Services, Depends(get_services)],
    session: Annotated[Session | None, Depends(current_session)],
) -> Principal:
    """The person of the session, or the API key in `Authorization: Bearer`. Raises SignInNeeded."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        who = find_key(services.ctx, key.strip())
        if who is None:
            raise SignInNeeded(
                "the API key is unknown, revoked or has run out; make a new one on the page Users & keys"
            )
        request.state.by_key = True
        return who
    if session is None:
        raise SignInNeeded("sign in, or send an API key: Authorization: Bearer sl_…")
    return session.who


def same_site(request: Request) -> None:
    """Refuse what another site's page sent. Raises ForgedRequest. For forms that have no session yet (sign-in)."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise ForgedRequest("this form was sent by another site")
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForgedRequest("this form was sent by another site")


async def csrf_checked(request: Request, who: Annotated[Principal, Depends(signed_in)]) -> None:
    """A change made with the session cookie needs the session's token (form field `csrf`, or header X-CSRF-Token).

    An API key needs none: no browser adds it by itself. Raises ForgedRequest.
    """
    if request.method in _SAFE or getattr(request.state, "by_key", False):
        return
    same_site(request)
    session: Session = request.state.session
    given = request.headers.get(CSRF_HEADER, "")
    kind = request.headers.get("content-type", "")
    if not given and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = str((await request.form(max_fields=MOST_FIELDS)).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise ForgedRequest("the form is too old or was not made by this hub; load the page again and repeat")


def require(permission: Permission) -> Callable[..., Principal]:
    """FastAPI dependency: the principal, once signed in, holding `permission`, and with the form's token checked.

    Use: `who: Annotated[Principal, Depends(require("orders.read"))]`. Raises SignInNeeded 401, NotAllowed 403.
    """
    if permission not in ALL:
        raise ValueError(f"unknown permission {permission!r}")

    def allowed(
        who: Annotated[Principal, Depends(signed_in)], _checked: Annotated[None, Depends(csrf_checked)]
    ) -> Principal:
        who.must(permission)
        return who

    allowed.permission = permission  # type: ignore[attr-defined]
    return allowed


def permission_of(endpoint_dependency: Callable[..., Any]) -> str | None:
    """The permission that `require` or `page_for` put into this dependency, else None. For tests over all routes."""
    found: str | None = getattr(endpoint_dependency, "permission", None)
    return found


def set_session_cookie(request: Request, response: Response, services: Services, token: str) -> None:
    """Give the browser its session: HttpOnly, SameSite=Lax, Secure on https."""
    secure = services.https or request.url.scheme == "https"
    response.set_cookie(
        COOKIE, token, max_age=SESSION_DAYS * 86_400, path="/", httponly=True, samesite="lax", secure=secure
    )


def clear_session_cookie(response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
