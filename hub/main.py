"""The web application: dashboard, API, webhooks, health, metrics and live changes, put together from the settings."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, cast

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from connectors.kit import registry
from hub import __version__, api, metrics
from hub.canonical.errors import AuthFailed, Retryable, StocklineError
from hub.live import Live
from hub.logs import describe
from hub.pages.app import install_pages
from hub.ports.failpoints import reach
from hub.rules.permissions import Principal
from hub.store import migrate
from hub.store.database import Database
from hub.usecases.prove_address import prove_address
from hub.usecases.receive_webhook import receive_webhook
from hub.web.auth import require
from hub.web.errors import answer
from hub.web.services import Services
from hub.wiring import Hub

log = structlog.get_logger(__name__)

WEBHOOK_BYTES = 1024 * 1024
router = APIRouter(include_in_schema=False)


def create_app(hub: Hub, *, demo: bool = False) -> FastAPI:
    """The ASGI application of one process. It opens the hub's database at the first request and never closes the hub.

    Args: demo: the one-time link may be used without choosing a password.
    """
    live = Live(hub.db)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await live.stop()

    app = FastAPI(
        title="Stockline", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )  # fmt: skip
    app.state.hub, app.state.live = hub, live
    services = Services(
        hub.context("web"), hub.box, registry.specs, https=hub.settings.address.startswith("https://"), demo=demo,
        version=__version__, forget=hub.channels.forget,
        house_currency=hub.settings.house_currency,
    )  # fmt: skip
    install_pages(app, services)
    for part in api.routers():
        app.include_router(part)
    app.include_router(router)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _database_away)
    return app


def _hub(request: Request) -> Hub:
    return cast(Hub, request.app.state.hub)


def _database_away(request: Request, error: Exception) -> Response:
    log.error("database.away", reason=describe(error))
    return answer(request, Retryable("the database does not answer right now; try again in a few seconds", 5))


@router.post("/webhooks/{connection}")
async def webhook(connection: str, request: Request) -> Response:
    """Keep a channel's message, then answer. 401: wrong signature. 404: no such connection. 413: over 1 MB."""
    raw = await _body(request)
    ctx = _hub(request).context("web")
    try:
        told = await run_in_threadpool(receive_webhook, ctx, connection, dict(request.headers), raw)
    except StocklineError as error:
        metrics.WEBHOOKS.labels("unknown" if error.status == 404 else connection, str(error.status)).inc()
        raise
    metrics.WEBHOOKS.labels(connection, "200").inc()
    reach("before_200")
    return Response(told, media_type="application/json")


@router.get("/webhooks/{connection}")
def webhook_address(connection: str, request: Request) -> Response:
    """Prove that the address is ours. 404: no such connection, or its platform asks nothing. 422: no such question."""
    hub, asked = _hub(request), str(request.url.replace(query=""))
    address = f"{hub.settings.address}{request.url.path}" if hub.settings.public_url else asked
    told = prove_address(hub.context("web"), connection, dict(request.query_params), address)
    return Response(told, media_type="application/json")


async def _body(request: Request) -> bytes:
    """The raw bytes; reading stops where they pass 1 MB, whatever the length header claims."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > WEBHOOK_BYTES:
            raise HTTPException(413, "a webhook may have at most 1 MB")
        parts.append(part)
    return b"".join(parts)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok", "version": __version__}


@router.get("/readyz")
def readyz(request: Request) -> Response:
    """The process can do its work; 503 with the reason where it cannot."""
    problem = not_ready(_hub(request).db)
    return JSONResponse({"ready": not problem, "reason": problem}, 503 if problem else 200)


def not_ready(db: Database) -> str:
    """Why the database cannot be used; empty where it can."""
    try:
        step = migrate.current(db)
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
        return f"the database does not answer ({describe(error)})"
    if step == migrate.head():
        return ""
    return f"the database stands at step {step or 'none'}, this program needs {migrate.head()}: stockline db upgrade"


@router.get("/metrics")
def prometheus(request: Request) -> Response:
    """Counters for Prometheus. With STOCKLINE_METRICS_TOKEN set: `Authorization: Bearer TOKEN`, else 401."""
    token = _hub(request).settings.metrics_token
    given = request.headers.get("authorization", "")
    if token and not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise AuthFailed("metrics need the token of STOCKLINE_METRICS_TOKEN: Authorization: Bearer …")
    return Response(metrics.page(_hub(request).db), media_type=CONTENT_TYPE_LATEST)


@router.get("/events", response_class=EventSourceResponse)
async def events(
    request: Request, _who: Annotated[Principal, Depends(require("picks.read"))]
) -> AsyncIterator[ServerSentEvent]:
    """What changed, as it changes: one event a topic (orders, stock, holds, inbox, outbox, channels, picks)."""
    live = cast(Live, request.app.state.live)
    yield ServerSentEvent(event="hello", data={"version": __version__}, retry=2000)
    async for change in live.listen():
        yield ServerSentEvent(event=change.topic, data=dict(change.data))
