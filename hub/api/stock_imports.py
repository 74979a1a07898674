"""Stock from files: send a CSV or Excel file, look at what it would change, apply it once."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import Depends, Form, Query, Response, UploadFile

from hub.api.parts import Bounded, Id, In, Name, OnceOnly, Out, Page, Paging, PathId, Served, Text, Time, page, resource
from hub.reports.imports import find_imports, import_rows, read_import
from hub.rules.permissions import Principal
from hub.usecases.context import Context
from hub.usecases.import_stock import StockFile, apply_import, cancel_import, preview_import
from hub.usecases.read_sheet import MOST_BYTES
from hub.web.auth import require

Status = Literal["new", "changed", "same", "problem"]


class Upload(Bounded):
    """A route that takes a file of up to 20 MB."""

    most_bytes = MOST_BYTES + 64 * 1024


router = resource("stock-imports")


class FileIn(In):
    """`mode` set: the numbers are what lies there; add: they are added. `warehouse`: where a row names none."""

    file: UploadFile
    mode: Literal["set", "add"] = "set"
    warehouse: Text = ""
    key: Name | None = None


class ApplyIn(In):
    """`yes`: it is meant that much falls to zero. `skip_problems`: leave out rows that cannot be used."""

    yes: bool = False
    skip_problems: bool = False


class RowFilter(Paging):
    status: Status | None = None


class SummaryOut(Out):
    """Rows in all and by status; pieces more and fewer."""

    rows: int
    new: int
    changed: int
    same: int
    problem: int
    more: int
    fewer: int


class AppliedOut(Out):
    """Rows written, pieces more and fewer; `late`: rows whose pieces were promised meanwhile."""

    rows: int
    more: int
    fewer: int
    late: int


class ImportOut(Out):
    """`breaker`: why it needs an explicit yes, "" where it needs none."""

    id: Id
    key: str
    file_name: str
    mode: Literal["set", "add"]
    state: Literal["preview", "applied", "cancelled"]
    summary: SummaryOut
    breaker: str
    applied: AppliedOut | None
    created_by: str
    created_at: Time
    applied_by: str
    applied_at: Time | None


class ImportRowOut(Out):
    """`line`: its number in the file; `before`, `after`: pieces; `problem`: why it is left out."""

    line: int
    sku: str
    warehouse: str
    lot: str
    expires_on: str | None
    quantity: int
    before: int
    after: int
    status: Status
    problem: str


Writing = Annotated[Principal, Depends(require("stock.write"))]


@router.get("")
def list_imports(asked: Annotated[Paging, Query()], services: Served, _who: Writing) -> Page[ImportOut]:
    """Files that were read, newest first."""
    found, following = find_imports(services.ctx.db, after=asked.cursor, limit=asked.limit)
    return page(Page[ImportOut], found, following)


def send_file(
    form: Annotated[FileIn, Form(media_type="multipart/form-data")], once: OnceOnly, who: Writing
) -> Response:  # fmt: skip
    """Read a file and keep what it would change. No stock is touched."""
    raw = form.file.file.read()
    given = StockFile(form.key or f"api:{uuid.uuid4()}", form.file.filename or "", raw, form.mode, form.warehouse)

    def act(ctx: Context) -> ImportOut:
        return ImportOut.model_validate(read_import(ctx.db, preview_import(ctx, given, actor=who.actor)))

    return once(act, 201)


router.add_api_route(
    "", send_file, methods=["POST"], status_code=201, response_model=ImportOut, route_class_override=Upload
)  # fmt: skip


@router.get("/{import_id}")
def get_import(import_id: PathId, services: Served, _who: Writing) -> ImportOut:
    """One file with its summary."""
    return ImportOut.model_validate(read_import(services.ctx.db, import_id))


@router.get("/{import_id}/rows")
def list_rows(
    import_id: PathId, asked: Annotated[RowFilter, Query()], services: Served, _who: Writing
) -> Page[ImportRowOut]:  # fmt: skip
    """Its rows by line; `status` narrows."""
    found, following = import_rows(
        services.ctx.db, import_id, status=asked.status or "", after=asked.cursor, limit=asked.limit
    )
    return page(Page[ImportRowOut], found, following)


@router.post("/{import_id}/apply", response_model=ImportOut)
def apply_file(import_id: PathId, once: OnceOnly, who: Writing, body: ApplyIn | None = None) -> Response:
    """Write what was shown, once; what moved since the file was read is kept."""
    asked = body or ApplyIn()

    def act(ctx: Context) -> ImportOut:
        apply_import(ctx, import_id, actor=who.actor, yes=asked.yes, skip_problems=asked.skip_problems)
        return ImportOut.model_validate(read_import(ctx.db, import_id))

    return once(act)


@router.post("/{import_id}/cancel", response_model=ImportOut)
def cancel_file(import_id: PathId, once: OnceOnly, who: Writing) -> Response:
    """Throw a file away that was not applied."""

    def act(ctx: Context) -> ImportOut:
        cancel_import(ctx, import_id, actor=who.actor)
        return ImportOut.model_validate(read_import(ctx.db, import_id))

    return once(act)
