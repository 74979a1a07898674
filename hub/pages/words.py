"""Says in words what the hub did: the events of a timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.pages.labels import label
from hub.pages.route_words import why_text
from hub.pages.shell import Page


def event_detail(page: Page, kind: str, data: Mapping[str, Any]) -> str:
    """The facts of one event of a timeline, in one line; empty where its name says it all."""
    if kind in _DETAILS:
        return _DETAILS[kind](page, data)
    if kind in _PLAIN:
        return _dotted(data.get(name) for name in _PLAIN[kind])
    return page.gettext(label("order", str(data["state"]))) if "state" in data else ""


def _dotted(parts: Iterable[object]) -> str:
    return " · ".join(str(part) for part in parts if part not in (None, ""))


def _routed(page: Page, data: Mapping[str, Any]) -> str:
    return why_text(page, str(data.get("why", "")), data.get("words") or {})


def _short(page: Page, data: Mapping[str, Any]) -> str:
    parts = [f"{row['sku']}: {row['missing']} / {row['wanted']}" for row in data.get("missing", ())]
    return page.gettext("Missing: %(what)s", what=", ".join(parts))


def _kept(page: Page, data: Mapping[str, Any]) -> str:
    return ", ".join(f"{row['warehouse']}: {row['quantity']} × {row['sku']}" for row in data.get("takes", ()))


def _ahead(page: Page, data: Mapping[str, Any]) -> str:
    """What was sold ahead of the stock, and for which day."""
    found = []
    for row in data.get("missing", ()):
        day = row.get("available_on") if row.get("mode") == "presale" else None
        until = page.gettext("kept for presale until %(day)s", day=day) if day else ""
        found.append(_dotted((f"{row['sku']}: {row['missing']}", until)))
    return ", ".join(found)


def _told(page: Page, data: Mapping[str, Any]) -> str:
    return _dotted((page.gettext(label("topic", data.get("topic", ""))), page.said(data.get("error") or "")))


def _refusal(page: Page, data: Mapping[str, Any]) -> str:
    untold = page.gettext("the channel is not told: it has no word for this") if data.get("told") is False else ""
    return _dotted((data.get("note"), untold))


def _held(page: Page, data: Mapping[str, Any]) -> str:
    why = page.said(data.get("why") or "")
    return _dotted((page.gettext(label("hold", str(data.get("kind", "")))), data.get("value"), why))


def _amended(page: Page, data: Mapping[str, Any]) -> str:
    changes = data.get("changes", ())
    return ", ".join(f"{row['sku'] or row['line']}: {row['before']} → {row['after']}" for row in changes)


def _money_back(page: Page, data: Mapping[str, Any]) -> str:
    return _dotted((f"{data['amount']} {data.get('currency') or ''}".strip(), data.get("reason")))


def _withdrawn(page: Page, data: Mapping[str, Any]) -> str:
    """Lots that may no longer leave, and what leaves instead."""
    return "; ".join(_one_withdrawn(page, row) for row in data.get("lots", ()))


def _one_withdrawn(page: Page, row: Mapping[str, Any]) -> str:
    told = {"n": row["quantity"], "sku": row["sku"], "lot": row["lot"], "day": row["good_until"]}
    others = ", ".join(f"{other['lot'] or '-'} ({other['quantity']})" for other in row["instead"])
    if others:
        return page.gettext(
            "%(n)s × %(sku)s of lot %(lot)s, good until %(day)s; instead: %(others)s", **told, others=others
        )
    return page.gettext("%(n)s × %(sku)s of lot %(lot)s, good until %(day)s; planned again", **told)


def _taken_over(page: Page, data: Mapping[str, Any]) -> str:
    before = page.gettext("%(name)s had it", name=data.get("picker") or "–")
    return _dotted((data.get("warehouse"), before))


_DETAILS: Mapping[str, Callable[[Page, Mapping[str, Any]], str]] = {
    "order_routed": _routed,
    "pieces_kept": _kept,
    "order_short": _short,
    "lots_withdrawn": _withdrawn,
    "order_backordered": _ahead,
    "channel_told": _told,
    "channel_refused_message": _told,
    "message_needless": _told,
    "parcel_fitted": _told,
    "cancel_refused": _refusal,
    "edit_refused": _refusal,
    "order_held": _held,
    "order_amended": _amended,
    "money_back": _money_back,
    "picking_taken_over": _taken_over,
}

_PLAIN = {
    "parcel_shipped": ("warehouse", "carrier", "tracking_no"),
    "missing_on_shelf": ("sku", "quantity"),
    "picking_started": ("warehouse",),
    "kept_opened": ("warehouse",),
    "packed": ("warehouse",),
    "too_late_to_take_back": ("pieces",),
    "order_moved": ("to", "note"),
    "order_called_off": ("reason",),
    "work_accepted": ("warehouse",),
    "work_rejected": ("warehouse", "note"),
    "acceptance_expired": ("warehouse",),
    "cancel_asked": ("reason",),
    "cancel_agreed": ("note",),
    "edit_agreed": ("note",),
    "hold_released": ("fingerprint",),
}  # fmt: skip
"""Kind of event -> the data that is shown as it is."""
