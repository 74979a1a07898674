"""Every kind of work that anybody rings for exists, and every one that exists is rung for by somebody."""

from __future__ import annotations

import ast
from pathlib import Path

from hub.usecases.streams import TASKS
from workers.schedule import SCHEDULE
from workers.tasks.works import WORKS

ROOT = Path(__file__).parents[2]


def _rung() -> set[str]:
    """The names in calls of `….ring("name", …)`, and of those that the poll and use cases hand on as (name, id)."""
    names = set()
    for folder in ("hub", "workers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names |= _names(node)
    return names


def _names(node: ast.AST) -> set[str]:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ring"
    first = node.args[:1] if isinstance(node, ast.Call) and named else []
    first += node.elts[:1] if isinstance(node, ast.Tuple) and len(node.elts) == 2 else []
    return {part.value for part in first if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_ring_has_its_work() -> None:
    rung = {name for name in _rung() if name.rpartition(".")[0] in {work.rpartition(".")[0] for work in WORKS}}
    asked = rung | set(TASKS.values()) | {row.work for row in SCHEDULE}
    assert {"inbox.ingest", "orders.place", "orders.pull", "outbox.send", "stock.push"} <= asked
    assert asked == set(WORKS)


def test_work_with_the_outside_waits_in_no_lane_of_the_inside() -> None:
    """Only what nobody waits for shares the slow lane with it."""
    timed = {row.work for row in SCHEDULE}
    inside = {work.lane for work in WORKS.values() if not work.outside and work.name not in timed}
    outside = {work.lane for work in WORKS.values() if work.outside}
    assert not inside & outside
