"""Dead letters: messages and stock pushes that were given up, and another try."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from hub.api.parts import Id, IdIn, In, OnceOnly, Out, Page, Paging, Served, Text, Time, page, resource
from hub.reports.dead_pages import find_dead
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.replay_dead import replay_dead
from hub.web.auth import require

router = resource("dead-letters")
Kind = Literal["inbox", "outbox", "push"]


class DeadFilter(Paging):
    kind: Kind | None = None
    connection_id: IdIn | None = None


class DeadOut(Out):
    """`kind` and `ref` name it for the replay."""

    kind: str
    ref: str
    connection_id: Id
    connection: str
    topic: str
    error: str
    attempts: int
    since: Time
    order_id: Id | None
    number: str


class DeadReplayIn(In):
    """Without `ref`: all of this kind on this connection."""

    kind: Kind
    connection_id: IdIn
    ref: Text = ""


class DeadReplayed(Out):
    count: int


@router.get("")
def list_dead_letters(
    asked: Annotated[DeadFilter, Query()], services: Served, _who: Annotated[Principal, Depends(require("system.read"))]
) -> Page[DeadOut]:
    """Messages in, messages out, stock pushes; the oldest of each first."""
    found, following = find_dead(
        services.ctx.db, kind=asked.kind or "", connection_id=asked.connection_id, after=asked.cursor, limit=asked.limit
    )
    return page(Page[DeadOut], found, following)


@router.post("/replay", response_model=DeadReplayed)
def replay_dead_letters(
    body: DeadReplayIn, once: OnceOnly, who: Annotated[Principal, Depends(require("holds.fix"))]
) -> Response:
    """Try again."""

    def act(ctx: Context) -> DeadReplayed:
        return DeadReplayed(count=replay_dead(ctx, body.kind, body.connection_id, body.ref, actor=who.actor))

    return once(act)
