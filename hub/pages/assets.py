"""Static files: addresses that change with the content, long caching, icons put inline."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from markupsafe import Markup
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
_NAME = re.compile(r"[a-z0-9-]+\Z")
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@cache
def asset(path: str) -> str:
    """Address of a file under `static/`, with a hash of its content. Raises FileNotFoundError."""
    digest = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


@cache
def has_asset(path: str) -> bool:
    """True when the file is there: the files in `vendor/` come with set-up."""
    return (FOLDER / path).is_file()


@cache
def icon(name: str, css: str = "") -> Markup:
    """An icon as inline SVG, hidden from screen readers; an empty box of its size where set-up did not fetch it."""
    path = FOLDER / "vendor" / "icons" / f"{name}.svg"
    drawing = _DRAWING.search(path.read_text()) if _NAME.match(name) and path.is_file() else None
    classes = Markup.escape(f"icon {css}".strip())
    inner = " ".join(drawing.group(1).split()) if drawing else ""
    return Markup(f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{inner}</svg>')  # noqa: S704


class CachedFiles(StaticFiles):
    """Files asked for with their hash may be kept for a year; others are asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response
