"""Stock files: given, shown row by row with what they would change, and applied once."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import Response

from hub.canonical.errors import NotFound, Rejected
from hub.canonical.told import told
from hub.pages.labels import LABELS
from hub.pages.sent import file_of, once_key
from hub.pages.shell import Page, page_for
from hub.reports.imports import find_imports, import_rows, read_import
from hub.reports.names import names_of
from hub.reports.people import warehouse_titles
from hub.usecases.import_stock import StockFile, apply_import, cancel_import, preview_import

router = APIRouter()
Writing = Annotated[Page, Depends(page_for("stock.write"))]
Text = Annotated[str, Form()]
WANTED = told("a file: CSV or Excel, with the columns sku, warehouse and quantity")
LARGEST_FILE = 30_000_000
"""Bytes; the sheet itself has limits of its own."""


@router.get("/stock/imports")
def imports_page(page: Writing, after: str = "") -> Response:
    return _list(page, after)


@router.post("/stock/imports")
def import_add(
    page: Writing, mode: Text = "set", warehouse: Text = "", key: Text = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Read a file and show what it would change; nothing is written yet."""
    try:
        name, raw = file_of(file, LARGEST_FILE, wanted=WANTED)
        given = StockFile(once_key(key), name, raw, mode, warehouse)
        made = preview_import(page.ctx, given, actor=page.who.actor)
    except Rejected as error:
        return _list(page, "", page.said(error), error.status)
    return page.redirect(f"/stock/imports/{made}")


@router.get("/stock/imports/{import_id}")
def import_page(page: Writing, import_id: int, status: str = "", after: str = "") -> Response:
    return _one(page, import_id, status, after)


@router.post("/stock/imports/{import_id}/apply")
def import_apply(page: Writing, import_id: int, yes: Text = "", skip: Text = "") -> Response:
    """Write what was shown; `yes`: the fall to zero is meant; `skip`: rows with a problem are left out."""
    try:
        done = apply_import(page.ctx, import_id, actor=page.who.actor, yes=bool(yes), skip_problems=bool(skip))
    except NotFound:
        raise
    except Rejected as error:
        return _one(page, import_id, problem=page.said(error), code=error.status)
    said = page.gettext("Applied: %(rows)s rows, %(more)s pieces more, %(fewer)s fewer.", rows=done.rows,
                        more=done.more, fewer=done.fewer)  # fmt: skip
    return page.redirect(f"/stock/imports/{import_id}", said, "warn" if done.late else "ok")


@router.post("/stock/imports/{import_id}/cancel")
def import_cancel(page: Writing, import_id: int) -> Response:
    cancel_import(page.ctx, import_id, actor=page.who.actor)
    return page.redirect("/stock/imports", page.gettext("Thrown away: nothing was changed."))


def _list(page: Page, after: str, problem: str = "", status: int = 200) -> Response:
    found, more = find_imports(page.ctx.db, after=after)
    return page.render(
        "stock/imports.html", status, found=found, next=more, problem=problem, key=secrets.token_hex(8),
        names=names_of(page.ctx.db, [row.created_by for row in found]),
        places=[("", page.gettext("as the file says")), *warehouse_titles(page.ctx.db)],
    )  # fmt: skip


def _one(
    page: Page, import_id: int, status: str = "", after: str = "", problem: str = "", code: int = 200
) -> Response:  # fmt: skip
    found = read_import(page.ctx.db, import_id)
    status = status if status in LABELS["import_row"] else ""
    rows, more = import_rows(page.ctx.db, import_id, status=status, after=after)
    names = names_of(page.ctx.db, [found.created_by, found.applied_by])
    return page.render(
        "stock/import.html", code, one=found, rows=rows, next=more, status=status, problem=problem, names=names
    )
