"""Counts of shelves: open, scan or enter, hand in, approve. Made for scanners that type what they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Response
from pydantic import Field

from hub.api.parts import (
    LARGEST_COUNT,
    Count,
    Id,
    In,
    Money,
    Name,
    OnceOnly,
    Out,
    Page,
    Paging,
    PathId,
    Served,
    Text,
    Time,
    Words,
    page,
    resource,
    scope_of,
)
from hub.reports.counts import find_counts, read_count
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, scan_count, submit_count
from hub.usecases.decide_count import approve_count, reject_count
from hub.web.auth import require

router = resource("counts")
State = Literal["open", "submitted", "approved", "rejected"]


class CountFilter(Paging):
    state: State | None = None
    warehouse: Text = ""


class OpenIn(In):
    """`skus` or `tag`: a cycle count; neither: all that lies there. `blind`: who counts is not told the books."""

    warehouse: Name
    skus: Annotated[list[Name], Field(max_length=10_000)] = []
    tag: Text = ""
    blind: bool = True
    note: Text = ""


class EntryIn(In):
    """`code`: SKU or barcode."""

    code: Name
    counted: Count
    lot: Text = ""
    note: Text = ""


class EnterIn(In):
    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=1000)]


class CountScanIn(In):
    """`quantity` is added to what was counted on the shelf so far; below 0 it takes back."""

    code: Name
    quantity: Annotated[int, Field(strict=True, gt=-LARGEST_COUNT, lt=LARGEST_COUNT)] = 1
    lot: Text = ""


class RejectIn(In):
    """`recount`: the SKUs to be counted again; [] for all with a variance; left out, the count is thrown away."""

    reason: Words
    recount: Annotated[list[Name], Field(max_length=10_000)] | None = None


class CountLineOut(Out):
    """A shelf. `expected`, `variance`, `value` are null while a blind count is open; `problem` says what to mend."""

    id: Id
    sku: str
    title: str
    lot: str
    counted: int | None
    counted_by: str
    counted_at: Time | None
    expected: int | None
    variance: int | None
    value: Money | None
    written: int | None
    problem: dict[str, Any]
    note: str


class CountOut(Out):
    """`lines` are given with one count, not in lists. `value`: what all variances are worth together."""

    id: Id
    warehouse: str
    kind: Literal["cycle", "stocktake"]
    state: State
    blind: bool
    hidden: bool
    note: str
    created_by: str
    submitted_by: str
    decided_by: str
    created_at: Time
    submitted_at: Time | None
    decided_at: Time | None
    shelves: int
    counted: int
    differing: int | None
    more: int | None
    fewer: int | None
    value: Money | None
    problems: int
    lines: list[CountLineOut]


class ScannedOut(Out):
    """What the scanner's voice needs: the SKU, and the pieces on its shelf so far."""

    sku: str
    counted: int


Counting = Annotated[Principal, Depends(require("stock.count"))]
Deciding = Annotated[Principal, Depends(require("stock.approve"))]


@router.get("")
def list_counts(
    asked: Annotated[CountFilter, Query()], services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> Page[CountOut]:
    """Counts, newest first, without their shelves."""
    scope = scope_of(who, asked.warehouse)
    found, following = find_counts(
        services.ctx.db, state=asked.state or "", scope=scope, after=asked.cursor, limit=asked.limit
    )
    return page(Page[CountOut], found, following)


@router.get("/{count_id}")
def get_count(
    count_id: PathId, services: Served, who: Annotated[Principal, Depends(require("stock.read"))]
) -> CountOut:
    """One count with its shelves; once handed in, with variances and their value."""
    return _read(services.ctx, count_id, who)


@router.post("", status_code=201, response_model=CountOut)
def post_count(body: OpenIn, once: OnceOnly, who: Counting) -> Response:
    """Open a count."""

    def act(ctx: Context) -> CountOut:
        who.must_work_in(body.warehouse)
        wanted = CountPlan(body.warehouse, tuple(body.skus), body.tag, body.blind, body.note)
        return _read(ctx, open_count(ctx, wanted, actor=who.actor), who)

    return once(act, 201)


@router.post("/{count_id}/enter", response_model=CountOut)
def enter(count_id: PathId, body: EnterIn, once: OnceOnly, who: Counting) -> Response:
    """Write down what lies on some shelves; entering one again replaces its number."""
    entries = [Entry(one.code, one.counted, one.lot, one.note) for one in body.entries]
    return once(_step(count_id, who, lambda ctx: enter_counts(ctx, count_id, entries, actor=who.actor)))


@router.post("/{count_id}/scan", response_model=ScannedOut)
def scan_shelf(count_id: PathId, body: CountScanIn, once: OnceOnly, who: Counting) -> Response:
    """A scanner read a piece: it is added to its shelf."""

    def act(ctx: Context) -> ScannedOut:
        _read(ctx, count_id, who)
        sku, counted = scan_count(
            ctx, count_id, body.code, actor=who.actor, quantity=body.quantity, lot=body.lot
        )  # fmt: skip
        return ScannedOut(sku=sku, counted=counted)

    return once(act)


@router.post("/{count_id}/submit", response_model=CountOut)
def submit(count_id: PathId, once: OnceOnly, who: Counting) -> Response:
    """Hand it in. Shelves that were not counted stay as they are: not counted is not 0."""
    return once(_step(count_id, who, lambda ctx: submit_count(ctx, count_id, actor=who.actor)))


@router.post("/{count_id}/approve", response_model=CountOut)
def approve(count_id: PathId, once: OnceOnly, who: Deciding) -> Response:
    """Write the variances. Again: try the shelves with a problem once more."""
    return once(_step(count_id, who, lambda ctx: approve_count(ctx, count_id, actor=who.actor)))


@router.post("/{count_id}/reject", response_model=CountOut)
def reject(count_id: PathId, body: RejectIn, once: OnceOnly, who: Deciding) -> Response:
    """Have shelves counted again, or throw the count away."""

    def write(ctx: Context) -> None:
        reject_count(ctx, count_id, actor=who.actor, reason=body.reason, recount=body.recount)

    return once(_step(count_id, who, write))


def _step(count_id: int, who: Principal, write: Callable[[Context], object]) -> Callable[[Context], CountOut]:
    def act(ctx: Context) -> CountOut:
        _read(ctx, count_id, who)
        write(ctx)
        return _read(ctx, count_id, who)

    return act


def _read(ctx: Context, count_id: int, who: Principal) -> CountOut:
    return CountOut.model_validate(read_count(ctx.db, count_id, who.warehouses))
