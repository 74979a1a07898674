"""The simulator: other rules over past orders or a scenario, side by side, then order by order what differs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import BadInput, Rejected
from hub.canonical.told import told
from hub.pages.labels import label
from hub.pages.route_words import lanes_text
from hub.pages.rule_words import from_permille
from hub.pages.sent import cut, file_of
from hub.pages.shell import Page, page_for
from hub.reports.names import names_of
from hub.reports.routing import SimulationFact, find_simulations, read_simulation
from hub.reports.rulesets import active_of, find_rulesets
from hub.rules.routing import Lane
from hub.usecases.simulate_rules import ask_simulation

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("routing.read"))]
Writing = Annotated[Page, Depends(page_for("routing.write"))]
Text = Annotated[str, Form()]
DAYS = (1, 7, 30, 90, 365)
ON_A_PAGE = 50
LANES_SHOWN = 4
LARGEST_FILE = 20_000_000
"""Bytes of a scenario."""


@router.get("/routing/simulator")
def simulator_page(page: Reading, trial: str = "", base: str = "") -> Response:
    return _simulator(page, {"trial": trial, "base": base})


@router.post("/routing/simulator")
def simulation_add(
    page: Writing, trial: Text = "", base: Text = "", days: Text = "", title: Text = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """Play a ruleset over the last days, or over the scenario of a file where one is given."""
    try:
        scenario = _scenario(file) if file is not None and file.filename else None
        if scenario is None and trial and trial == base:
            raise BadInput("these rules and the rules compared with are one version: choose another, or make a draft")
        made = ask_simulation(
            page.ctx, _version(trial, "trial"), actor=page.who.actor, base=_version(base, "base"), title=title.strip(),
            days=None if scenario else _version(days, "days"), scenario=scenario,
        )  # fmt: skip
    except Rejected as error:
        typed = {"trial": trial, "base": base, "days": days, "title": title, "problem": page.said(error)}
        return _simulator(page, typed, error.status)
    return page.redirect(f"/routing/simulator/{made}")


@router.get("/routing/simulator/{simulation_id}")
def simulation_page(page: Reading, simulation_id: int, after: str = "") -> Response:
    return page.render("routing/simulation.html", **_result(page, simulation_id, after))


@router.get("/routing/simulator/{simulation_id}/state")
def simulation_part(page: Reading, simulation_id: int) -> Response:
    """The part that is asked for again until the result is there."""
    return HTMLResponse(page.fragment("routing/result.html", **_result(page, simulation_id, "")))


def _version(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise BadInput(f"{name} = {text[:40]!r}: choose one of the list")
    return int(text)


def _scenario(file: UploadFile) -> dict[str, Any]:
    name, raw = file_of(file, LARGEST_FILE, wanted=told("a scenario"), too_large=told("use fewer orders"))
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise BadInput(f"{name} is no JSON file: {error}") from None
    if not isinstance(found, dict):
        raise BadInput(f'{name}: expected {{"snapshot": …, "demands": […]}}')
    return {"name": name, **found}


def _simulator(page: Page, typed: dict[str, str], status: int = 200) -> Response:
    found = find_simulations(page.ctx.db)
    rules = find_rulesets(page.ctx.db)
    active = active_of(rules).version
    draft = next((row.version for row in rules if row.state == "draft"), 0)
    blank = {"trial": str(draft), "base": str(active), "days": "30", "title": "", "problem": ""}
    versions = [(str(row.version), _name(page, row.version, row.state, row.note)) for row in rules[:200]]
    return page.render(
        "routing/simulator.html", status, found=found, values=blank | {k: v for k, v in typed.items() if v},
        versions=versions, days=day_choices(page), names=names_of(page.ctx.db, [row.created_by for row in found]),
    )  # fmt: skip


def _name(page: Page, version: int, state: str, note: str) -> str:
    words = page.gettext("Version %(n)s", n=version), page.gettext(label("ruleset", state)).lower(), note[:40]
    return " · ".join(word for word in words if word)


def day_choices(page: Page) -> list[tuple[str, str]]:
    """How far back orders are taken."""
    return [(str(days), page.gettext("last %(days)s days", days=days)) for days in DAYS]


def _result(page: Page, simulation_id: int, after: str) -> dict[str, Any]:
    found = read_simulation(page.ctx.db, simulation_id)
    rows = found.result.get("differences", [])
    shown, more = cut(rows, after, ON_A_PAGE)
    values: dict[str, Any] = {
        "one": found, "rows": [_told(page, row) for row in shown], "shown": len(rows), "next": more, "mix": (),
        "names": names_of(page.ctx.db, [found.created_by]),
    }  # fmt: skip
    if found.state == "done":
        values |= {"tiles": _tiles(found), "mix": _mix(found), "unpriced": _unpriced(page, found)}
    return values


def _told(page: Page, row: dict[str, Any]) -> dict[str, Any]:
    """With what the trial saves on this order (negative where it is dearer, 0 where that is not known), and why not."""
    costs = _money(row["base"]["cost"]), _money(row["trial"]["cost"])
    known = None not in costs
    lanes = sorted({_lane(lane) for side in ("base", "trial") for lane in row[side].get("no_rate", ())}, key=str)
    saved = costs[0] - costs[1] if known else Decimal(0)  # type: ignore[operator]  # both are known
    return row | {"saved": saved, "unknown": "" if known else lanes_text(page, lanes)}


def _lane(row: list[Any]) -> Lane:
    return row[0], row[1]


def _unpriced(page: Page, found: SimulationFact) -> tuple[int, str]:
    """(served orders whose cost is not known under both rulesets, of which lanes no rate is known); old results: 0."""
    base, trial = found.result["base"], found.result["trial"]
    lanes = sorted({_lane(lane) for side in (base, trial) for lane in side.get("no_rate", ())}, key=str)
    more = " …" if len(lanes) > LANES_SHOWN else ""
    return base["served"] - base.get("priced", base["served"]), lanes_text(page, lanes[:LANES_SHOWN]) + more


def _tiles(found: SimulationFact) -> dict[str, tuple[Any, Any, str]]:
    """What is compared -> (before, with the trial, whether the trial is better: ok, warn or "")."""
    base, trial = found.result["base"], found.result["trial"]
    rows = {
        "fill": ("fill_permille", 1, _percent), "parcels": ("parcels_per_1000_orders", -1, _thousandth),
        "cost": ("cost_per_order", -1, _money), "late": ("late_permille", -1, _percent),
        "emptied": ("emptied", -1, _plain),
    }  # fmt: skip
    return {name: _side(base.get(key), trial.get(key), better, say) for name, (key, better, say) in rows.items()}


def _side(before: Any, after: Any, better: int, say: Any) -> tuple[Any, Any, str]:
    old, new = say(before), say(after)
    if old is None or new is None or old == new:
        return old, new, ""
    return old, new, "ok" if (new > old) == (better > 0) else "warn"


def _percent(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(from_permille(value))


def _thousandth(value: int | None) -> Decimal | None:
    return None if value is None else (Decimal(value) / 1000).quantize(Decimal("0.01"))


def _money(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _plain(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _mix(found: SimulationFact) -> list[tuple[str, int, int]]:
    """(warehouse, parcels before, parcels with the trial), most first."""
    base, trial = found.result["base"]["mix"], found.result["trial"]["mix"]
    rows = [(code, base.get(code, 0), trial.get(code, 0)) for code in sorted({*base, *trial})]
    return sorted(rows, key=lambda row: -max(row[1:]))
