"""`audit --repair`: puts right what the audit finds, each by a compensating ledger row or a rebuild, and reports it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hub.usecases.audit_stock import AuditReport, audit_stock, find_mismatches
from hub.usecases.context import Context
from hub.usecases.repair_balances import BALANCE_LAWS, Mended, mend_balances
from hub.usecases.repair_leases import free_bookings, free_leases
from hub.usecases.repair_orders import empty_lists, end_soft_lists, free_orders, mend_pieces

BOOKINGS = ("bookings_have_lists", "booked_is_bookings")
TURNS = 4
"""What is put right may show what else is wrong: so often it is looked at again, until nothing more is to do."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What was found, what was done about it, what only a person can put right, and what is still broken."""

    run: str
    found: AuditReport
    done: tuple[Mended, ...]
    needs_person: tuple[Mended, ...]
    left: AuditReport

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "run": self.run, "found": self.found.to_dict(), "done": [asdict(each) for each in self.done],
            "needs_person": [asdict(each) for each in self.needs_person], "left": self.left.to_dict(),
        }  # fmt: skip


def repair_stock(ctx: Context, *, actor: str) -> RepairReport:
    """Find and compensate inconsistencies. Every mend looks again under its locks, so it never mends what is right.

    Pick lists first, then the orders' counters, then the balances, then what orders hold too much: each step makes the
    words true on which the next one builds. History is never edited: the ledger gets rows of kind "repair", orders get
    an event, the audit log says who had it done. Running it again does nothing more.
    """
    run = f"repair:{uuid.uuid4().hex[:12]}"
    found = audit_stock(ctx)
    done: list[Mended] = []
    needs: list[Mended] = []
    for turn in range(TURNS if found.mismatches else 0):
        mended = list(_mend(ctx, f"{run}:{turn}", actor))
        needs = [each for each in mended if not each.done]
        done += [each for each in mended if each.done]
        if len(needs) == len(mended):
            break
    if done:
        ctx.doorbell.ring("orders.place")
    return RepairReport(run, found, tuple(done), tuple(needs), audit_stock(ctx))


def _mend(ctx: Context, run: str, actor: str) -> Iterator[Mended]:
    for check in ("lists_have_orders", "finished_lists_are_empty"):
        yield from empty_lists(ctx, check, _ids(ctx, check))
    yield from mend_pieces(ctx, _ids(ctx, "pieces_are_pick_lists"))
    keys = {(found.sku, found.warehouse, found.lot) for found in find_mismatches(ctx, *sorted(BALANCE_LAWS))}
    yield from mend_balances(ctx, keys, run, actor)
    yield from end_soft_lists(ctx, _ids(ctx, "soft_lists_end"), run)
    for check in ("done_orders_hold_nothing", "never_more_than_wanted"):
        yield from free_orders(ctx, check, _ids(ctx, check), run)
    booked = {found.warehouse for found in find_mismatches(ctx, *BOOKINGS)}
    yield from free_bookings(ctx, booked) if booked else ()
    yield from free_leases(ctx)


def _ids(ctx: Context, check: str) -> set[int]:
    """The numbers that the findings of one law are about."""
    return {int(found.ref.partition(":")[2]) for found in find_mismatches(ctx, check)}
