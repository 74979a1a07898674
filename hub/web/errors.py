"""Turns every failure into an answer: problem+json (RFC 9457) for programs, a readable page for people."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.canonical.errors import BadRecord, ConnectorFault, Retryable, StocklineError
from hub.web.auth import SignInNeeded

log = structlog.get_logger(__name__)
MACHINE_PATHS = ("/api/", "/webhooks/", "/events", "/healthz", "/readyz", "/metrics")
_TITLES = {
    400: "Bad request", 401: "Sign-in needed", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 422: "Cannot be used", 424: "A person must act", 429: "Too many requests",
    500: "Our fault", 502: "A fault of another package", 503: "Try again later",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure as the outside sees it; never a stack, never a secret.

    reference: the id that the log has too.
    where:     the path that was asked for.
    """

    status: int
    title: str
    detail: str
    reference: str
    where: str
    code: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


ErrorPage = Callable[[Request, Problem], Response]


def install_errors(app: FastAPI, error_page: ErrorPage | None = None) -> None:
    """Register the handlers. `error_page` renders for people; without it everybody gets problem+json."""
    app.state.error_page = error_page

    def handle(request: Request, error: Exception) -> Response:
        return answer(request, error)

    for kind in (StocklineError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle)
    app.add_middleware(CrashGuard)


def wants_page(request: Request) -> bool:
    """True for a person's browser on a page; False for programs and machine paths."""
    return not request.url.path.startswith(MACHINE_PATHS) and "text/html" in request.headers.get("accept", "")


def answer(request: Request, error: Exception) -> Response:
    """The answer to a failure; people who are not signed in go to the sign-in page and come back."""
    page: ErrorPage | None = request.app.state.error_page
    if page is None or not wants_page(request):
        return problem_json(problem_of(request, error))
    if isinstance(error, SignInNeeded):
        return _to_sign_in(request)
    return page(request, problem_of(request, error))


def _to_sign_in(request: Request) -> Response:
    where = "/sign-in"
    if request.method == "GET" and request.url.path != "/":
        query = f"?{request.url.query}" if request.url.query else ""
        where += f"?next={quote(request.url.path + query, safe='/')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)


def problem_json(problem: Problem) -> Response:
    """RFC 9457: type, title, status, detail, instance, plus `code`, `ref` and what the error itself carries."""
    body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail,
            "instance": problem.where, "code": problem.code, "ref": problem.reference, **problem.extra}  # fmt: skip
    return JSONResponse(body, problem.status, problem.headers, media_type="application/problem+json")


def problem_of(request: Request, error: Exception) -> Problem:
    """Status, words and details of any exception; what is not ours becomes a 500 that says nothing about itself."""
    reference = getattr(request.state, "reference", "") or secrets.token_hex(4)
    status, detail, code = _ours() if _is_strangers(request, error) else _facts(error)
    extra, headers = _details(error)
    title = _TITLES.get(status, "Error")
    return Problem(status, title, detail, reference, request.url.path, code, extra, headers)


def _facts(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, StocklineError):
        return error.status, str(error), _snake(type(error).__name__)
    if isinstance(error, RequestValidationError):
        return 422, "; ".join(f"{at}: {why}" for at, why in _invalid(error)), "invalid_request"
    if isinstance(error, HTTPException):
        return error.status_code, str(error.detail), "http"
    return _ours()


def _is_strangers(request: Request, error: Exception) -> bool:
    """What a package failed on tells of files and values: nothing for whoever sends us a webhook."""
    return isinstance(error, ConnectorFault) and request.url.path.startswith("/webhooks/")


def _ours() -> tuple[int, str, str]:
    return 500, "something failed on our side; it was written to the log under this reference", "internal"


def _details(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    if isinstance(error, BadRecord):
        return {"field": error.field, "value": error.value, "why": error.why}, {}
    if isinstance(error, RequestValidationError):
        return {"errors": [{"field": at, "why": why} for at, why in _invalid(error)]}, {}
    if isinstance(error, Retryable):
        return {}, {"Retry-After": str(max(1, round(error.retry_after or 5)))}
    if isinstance(error, SignInNeeded):
        return {}, {"WWW-Authenticate": "Bearer"}
    if isinstance(error, HTTPException) and error.headers:
        return {}, dict(error.headers)
    return {}, {}


def _invalid(error: RequestValidationError) -> list[tuple[str, str]]:
    """(place, why) of each fault; what was sent is not repeated."""
    return [(".".join(str(part) for part in item["loc"]), str(item["msg"])) for item in error.errors()]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


class CrashGuard:
    """ASGI middleware: what nobody foresaw becomes a 500, and the log says where it broke, never on which values.

    With `FastAPI(debug=True)` the exception goes on, so that a developer sees it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except Exception as error:
            if started or scope["type"] != "http" or scope["app"].debug:
                raise
            request = Request(scope, receive)
            _log_crash(request, error)
            response = await run_in_threadpool(answer, request, error)
            await response(scope, receive, send)


def _log_crash(request: Request, error: Exception) -> None:
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    route = getattr(request.scope.get("route"), "path", "?")
    reference = getattr(request.state, "reference", "")
    name = type(error).__name__
    log.error("request_failed", ref=reference, method=request.method, route=route, error=name, at=frames)
