"""What all resources share: routers, words of input and output, pages, and writes that happen once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from hub.api.limits import limited
from hub.canonical.amounts import plain
from hub.canonical.errors import BadInput, Rejected
from hub.canonical.times import iso
from hub.reports.cursors import LARGEST_PAGE, unpack
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.idempotency import Answer, Asked, once, together
from hub.web.auth import signed_in
from hub.web.errors import problem_json, problem_of
from hub.web.services import Services, get_services

T = TypeVar("T")
PREFIX = "/api/v1"
BODY_BYTES = 256 * 1024
LARGEST_ID = 2**63 - 1
LARGEST_COUNT = 10**12


def _clean(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("control characters are not allowed")
    return text


def _number(value: object) -> object:
    """An id as JSON gives it: decimal text, or a whole number."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError('expected an id such as "123"')
    return value


def _amount(value: object) -> object:
    """Money as JSON gives it: decimal text, so that nothing is rounded on the way."""
    if not isinstance(value, str):
        raise ValueError('expected an amount as text, such as "4.90"')
    return value


def _cursor(text: str) -> str:
    try:
        return text if not text or _clean(unpack(text)) else ""
    except BadInput as error:
        raise ValueError(str(error)) from None


Id = Annotated[str, BeforeValidator(str), WithJsonSchema({"type": "string", "pattern": "^[0-9]+$"})]
"""An id in an answer: text, because JavaScript cannot hold 64 bits."""
IdIn = Annotated[int, BeforeValidator(_number), Field(ge=1, le=LARGEST_ID), WithJsonSchema({"type": "string"})]
PathId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Time = Annotated[
    datetime, PlainSerializer(iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
Money = Annotated[
    Decimal, PlainSerializer(plain, return_type=str), WithJsonSchema({"type": "string", "examples": ["19.90"]})
]
MoneyIn = Annotated[
    Decimal,
    BeforeValidator(_amount),
    Field(ge=0, lt=10**9, decimal_places=6),
    WithJsonSchema({"type": "string", "examples": ["4.90"]}),
]
Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_clean)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_clean)]
PathText = Annotated[str, Path(min_length=1, max_length=200), AfterValidator(_clean)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(_clean)]
Pieces = Annotated[int, Field(strict=True, ge=1, lt=LARGEST_COUNT)]
Count = Annotated[int, Field(strict=True, ge=0, lt=LARGEST_COUNT)]


class In(BaseModel):
    """What is sent to us: exactly these fields, nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What we send: exactly these fields, read from a report's row."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Paging(In):
    """Query of every list."""

    cursor: Annotated[
        str,
        StringConstraints(max_length=1000),
        AfterValidator(_cursor),
        Field(description="`next_cursor` of the page before; leave it out to begin."),
    ] = ""
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class Page(Out, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    data: list[T]
    next_cursor: str | None


def page(kind: type[Page[T]], rows: Iterable[object], next_cursor: str | None) -> Page[T]:
    """A page of report rows, read as `kind` says."""
    return kind.model_validate({"data": list(rows), "next_cursor": next_cursor}, from_attributes=True)


class ProblemOut(BaseModel):
    """RFC 9457. `detail` says what, where and how to mend it; `ref` is in the hub's log too."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    ref: str


_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": ProblemOut.model_json_schema()}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words} | _PROBLEM
    for status, words in {
        401: "No key, no session, or one that ran out", 403: "The role may not do this", 404: "No such thing",
        409: "The thing is not in a state that allows it, or the same request is in flight",
        413: "The body is larger than 256 KiB (a file: 20 MB)", 422: "The request cannot be used; `detail` says why",
        429: "Too many requests; see Retry-After", 503: "Try again later; see Retry-After",
    }.items()
}  # fmt: skip
_BEARER = HTTPBearer(auto_error=False, scheme_name="API key", description="A key from the page Users & keys: `sl_…`")


def _name(route: APIRoute) -> str:
    return route.name


class Bounded(APIRoute):
    """A route that stops reading a body where it passes `most_bytes`, whatever the length header claims."""

    most_bytes = BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            inner = Request(request.scope, _at_most(request.receive, self.most_bytes))
            await inner.body()  # kept, so that a form can be read from it and its digest taken as well
            return await handle(inner)

        return bounded


def _at_most(receive: Receive, most: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, f"the body may have at most {most} bytes")
        return message

    return counted


def resource(name: str) -> APIRouter:
    """A router below /api/v1: documented, limited in rate and size."""
    return APIRouter(
        prefix=f"{PREFIX}/{name}", tags=[name], responses=_RESPONSES, generate_unique_id_function=_name,
        dependencies=[Security(_BEARER), Depends(limited())], route_class=Bounded,
    )  # fmt: skip


Served = Annotated[Services, Depends(get_services)]


@dataclass(frozen=True, slots=True)
class Once:
    """Runs the writing part of a handler in one transaction; with an Idempotency-Key at most once."""

    request: Request
    ctx: Context
    asked: Asked | None

    def __call__(self, act: Callable[[Context], BaseModel], status: int = 200) -> Response:
        """The answer to send. `act` gets a context whose writes are one transaction, and returns the body's model."""

        def write(ctx: Context) -> Answer:
            return Answer(status, act(ctx).model_dump_json().encode())

        if self.asked is None:
            return _response(together(self.ctx, write))
        return _response(once(self.ctx, self.asked, write, self._refuse))

    def _refuse(self, error: Rejected) -> Answer:
        return Answer(error.status, bytes(problem_json(problem_of(self.request, error)).body))


def _response(answer: Answer) -> Response:
    kind = "application/json" if answer.status < 400 else "application/problem+json"
    headers = {"Idempotent-Replayed": "true"} if answer.again else {}
    return Response(answer.body, answer.status, headers, media_type=kind)


_Key = Annotated[
    str | None,
    Header(min_length=1, max_length=200, pattern="^[!-~]+$",
           description="Your name for this request, such as a UUID: sent again with the same body, it has no second "
                       "effect and gets the same answer, for 7 days."),
]  # fmt: skip


async def _said(request: Request) -> bytes:
    """What a body says: a form without the boundary between its parts, which every sending makes anew."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    parts: list[tuple[str, ...]] = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            parts.append((name, value))
        else:
            parts.append((name, value.filename or "", hashlib.sha256(await value.read()).hexdigest()))
            await value.seek(0)
    return repr(parts).encode()


async def _once(
    request: Request, services: Served, who: Annotated[Principal, Depends(signed_in)], idempotency_key: _Key = None
) -> Once:
    if idempotency_key is None:
        return Once(request, services.ctx, None)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await _said(request)
    scope = f"{who.actor} {request.method} {request.scope['route'].path}"
    return Once(request, services.ctx, Asked(scope, idempotency_key, hashlib.sha256(asked).hexdigest()))


OnceOnly = Annotated[Once, Depends(_once)]


def scope_of(who: Principal, warehouse: str = "") -> frozenset[str] | None:
    """The warehouses to show: those of the asker, or the one asked for. Raises NotAllowed: it is not theirs."""
    if not warehouse:
        return who.warehouses
    who.must_work_in(warehouse)
    return frozenset({warehouse})
