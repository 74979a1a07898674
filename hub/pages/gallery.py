"""All components on one page, with made-up data: for looking at them, in development and tests only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.pages.shell import Page, page_for

router = APIRouter()
Looking = Annotated[Page, Depends(page_for("system.write"))]


@router.get("/gallery")
def gallery_page(page: Looking) -> Response:
    return page.render(
        "gallery.html", rows=_rows(page), happened=_happened(page), raw=b'{"id": 450789469, "total": "41.04"}'
    )


def _rows(page: Page) -> list[dict[str, Any]]:
    states = ("routed", "held", "shipped", "refused", "waiting", "cancelled")
    names = ("Shenzhen shop", "Berlin web store", "Dealer 0042", "深圳旗舰店")
    return [
        {
            "number": f"#{1001 + n}", "channel": names[n % 4], "placed_at": page.now - timedelta(minutes=7 ** (n % 6)),
            "units": (n + 1) ** 3, "total": Decimal("41.04") * (n + 1) ** 4, "currency": ("USD", "EUR", "CNY")[n % 3],
            "state": states[n % 6],
        }
        for n in range(8)
    ]  # fmt: skip


def _happened(page: Page) -> list[dict[str, Any]]:
    return [
        {"at": page.now - timedelta(seconds=4), "text": "Shipment told to the channel", "tone": "busy", "tries": 3,
         "detail": "HTTP 503, next try in 8 s"},
        {"at": page.now - timedelta(minutes=2), "text": "Shipped from Shenzhen DC", "tone": "ok", "who": "pia"},
        {"at": page.now - timedelta(minutes=41), "text": "Held: unknown SKU TEE-RED-XXL", "tone": "bad"},
        {"at": page.now - timedelta(hours=1), "text": "Order came in", "tone": ""},
    ]  # fmt: skip
