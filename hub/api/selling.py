"""How stock is offered: policies beyond the stock, pools of channels, buffers, remaining life, freshness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, Field

from hub.api.parts import (
    Count,
    Id,
    IdIn,
    In,
    Name,
    OnceOnly,
    Out,
    Page,
    Paging,
    PathId,
    PathText,
    Served,
    Text,
    Time,
    page,
    resource,
)
from hub.reports.selling import find_buffers, find_lives, find_policies, find_pools
from hub.rules.permissions import Principal
from hub.usecases import set_selling
from hub.usecases.context import Context
from hub.usecases.set_freshness import set_freshness
from hub.web.auth import require

router = resource("selling")
Reader = Annotated[Principal, Depends(require("stock.read"))]
Writer = Annotated[Principal, Depends(require("channels.write"))]
Permille = Annotated[int, Field(strict=True, ge=0, le=1000)]


class PolicyOf(In):
    connection_id: IdIn | None = None
    """Null: all connections that have no policy of their own."""


class PolicyIn(PolicyOf):
    sku: Name
    mode: Literal["stock", "backorder", "presale"]
    units: Count = 0
    available_on: date | None = None
    note: Text = ""


class PolicyOut(Out):
    """`units`: at most so many pieces owed at once; `owed`: of them in use now."""

    sku: str
    connection_id: Id | None
    connection: str
    mode: str
    units: int
    available_on: date | None
    owed: int
    note: str


class PoolOf(In):
    sku: Text = ""
    """Empty: every SKU that has no pool of its own there."""


class PoolIn(PoolOf):
    connection_id: IdIn
    mode: Literal["shared", "exclusive", "ratio"] = "shared"
    units: Count = 0
    permille: Permille = 1000
    max_listed: Count | None = None
    end_when: Count | None = None
    ends_at: AwareDatetime | None = None
    note: Text = ""


class PoolOut(Out):
    """`over`: its end has come, it counts no more."""

    connection_id: Id
    connection: str
    sku: str
    mode: str
    units: int
    permille: int
    max_listed: int | None
    end_when: int | None
    ends_at: Time | None
    over: bool
    note: str


class BufferIn(In):
    """`units` plus `permille` of what is free are kept back; what is left out fits everything."""

    position: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    connection_id: IdIn | None = None
    warehouse: Text | None = None
    tag: Text | None = None
    sku: Text | None = None
    units: Count = 0
    permille: Permille = 0
    note: Text = ""


class BufferAdded(Out):
    id: Id


class BufferOut(Out):
    id: Id
    position: int
    connection_id: Id | None
    connection: str
    warehouse: str | None
    tag: str | None
    sku: str | None
    units: int
    permille: int
    note: str


class LifeKey(In):
    connection_id: IdIn | None = None
    sku: Text = ""
    tag: Text = ""


class LifeIn(LifeKey):
    min_days: Annotated[int, Field(strict=True, ge=0, le=set_selling.LONGEST_LIFE)]


class LifeOut(Out):
    """A lot must be good for `min_days` after today; null and "" fit everything."""

    id: Id
    connection_id: Id | None
    connection: str
    sku: str
    tag: str
    min_days: int


class FreshnessIn(In):
    """`fresh_hours` null: the numbers are our own and never stale."""

    fresh_hours: Annotated[int, Field(strict=True, ge=1, le=8784)] | None
    on_stale: Literal["freeze", "leave_out"] = "freeze"


class Saved(Out):
    saved: bool = True


def _of_all(body: PolicyIn | LifeKey) -> dict[str, Any]:
    """The fields, with 0 for all connections."""
    return body.model_dump() | {"connection_id": body.connection_id or 0}


def _saved(write: Callable[[Context], None]) -> Callable[[Context], Saved]:
    def act(ctx: Context) -> Saved:
        write(ctx)
        return Saved()

    return act


@router.get("/policies")
def list_policies(asked: Annotated[Paging, Query()], services: Served, _who: Reader) -> Page[PolicyOut]:
    """Policies by SKU."""
    found, following = find_policies(services.ctx.db, after=asked.cursor, limit=asked.limit)
    return page(Page[PolicyOut], found, following)


@router.put("/policies", response_model=Saved)
def put_policy(body: PolicyIn, once: OnceOnly, who: Writer) -> Response:
    """Say what may be sold of a SKU beyond its stock; orders that wait for it are judged anew."""
    return once(_saved(lambda ctx: set_selling.set_policy(ctx, **_of_all(body), actor=who.actor)))


@router.delete("/policies/{sku:path}", response_model=Saved)
def delete_policy(sku: PathText, asked: Annotated[PolicyOf, Query()], once: OnceOnly, who: Writer) -> Response:
    """Forget a policy; what is owed stays owed."""
    return once(_saved(lambda ctx: set_selling.drop_policy(ctx, sku, asked.connection_id or 0, actor=who.actor)))


@router.get("/pools")
def list_pools(asked: Annotated[Paging, Query()], services: Served, _who: Reader) -> Page[PoolOut]:
    """Pools, oldest first: the order in which exclusive ones are filled."""
    found, following = find_pools(services.ctx.db, services.ctx.clock(), after=asked.cursor, limit=asked.limit)
    return page(Page[PoolOut], found, following)


@router.put("/pools", response_model=Saved)
def put_pool(body: PoolIn, once: OnceOnly, who: Writer) -> Response:
    """Give a connection its part of a SKU."""
    return once(_saved(lambda ctx: set_selling.set_pool(ctx, **body.model_dump(), actor=who.actor)))


@router.delete("/pools/{connection_id}", response_model=Saved)
def delete_pool(
    connection_id: PathId, asked: Annotated[PoolOf, Query()], once: OnceOnly, who: Writer
) -> Response:  # fmt: skip
    """Forget a pool; its pieces are everybody's again."""
    return once(_saved(lambda ctx: set_selling.drop_pool(ctx, connection_id, asked.sku, actor=who.actor)))


@router.get("/buffers")
def list_buffers(asked: Annotated[Paging, Query()], services: Served, _who: Reader) -> Page[BufferOut]:
    """Buffer rules by id; the first by `position` that fits is taken."""
    found, following = find_buffers(services.ctx.db, after=asked.cursor, limit=asked.limit)
    return page(Page[BufferOut], found, following)


@router.post("/buffers", status_code=201, response_model=BufferAdded)
def post_buffer(body: BufferIn, once: OnceOnly, who: Writer) -> Response:
    """Add a rule that keeps pieces back."""

    def act(ctx: Context) -> BufferAdded:
        return BufferAdded(id=str(set_selling.add_buffer(ctx, **body.model_dump(), actor=who.actor)))

    return once(act, 201)


@router.delete("/buffers/{rule_id}", response_model=Saved)
def delete_buffer(rule_id: PathId, once: OnceOnly, who: Writer) -> Response:
    """Forget a buffer rule."""
    return once(_saved(lambda ctx: set_selling.drop_buffer(ctx, rule_id, actor=who.actor)))


@router.get("/lives")
def list_lives(asked: Annotated[Paging, Query()], services: Served, _who: Reader) -> Page[LifeOut]:
    """Rules of remaining life."""
    found, following = find_lives(services.ctx.db, after=asked.cursor, limit=asked.limit)
    return page(Page[LifeOut], found, following)


@router.put("/lives", response_model=Saved)
def put_life(body: LifeIn, once: OnceOnly, who: Writer) -> Response:
    """Say how long a lot must still be good to be sold."""
    return once(_saved(lambda ctx: set_selling.set_life(ctx, **_of_all(body), actor=who.actor)))


@router.delete("/lives", response_model=Saved)
def delete_life(asked: Annotated[LifeKey, Query()], once: OnceOnly, who: Writer) -> Response:
    """Forget a rule of remaining life."""
    return once(_saved(lambda ctx: set_selling.drop_life(ctx, **_of_all(asked), actor=who.actor)))


@router.put("/freshness/{warehouse}", response_model=Saved)
def put_freshness(warehouse: PathText, body: FreshnessIn, once: OnceOnly, who: Writer) -> Response:
    """Say how old the numbers of a warehouse may be that come from outside."""

    def write(ctx: Context) -> None:
        who.must_work_in(warehouse)
        set_freshness(ctx, warehouse, body.fresh_hours, on_stale=body.on_stale, actor=who.actor)

    return once(_saved(write))
