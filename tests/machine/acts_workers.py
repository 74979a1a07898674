"""What workers do by themselves, and how they die."""

from __future__ import annotations

from hypothesis import strategies as st

from hub.canonical.errors import StockGone
from hub.ports.failpoints import POINTS
from hub.usecases.accept_work import expire_acceptance
from hub.usecases.cancel_order import expire_requests
from hub.usecases.change_stock import adjust_stock
from hub.usecases.expire_holds import expire_holds
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.note_heat import note_conflict
from hub.usecases.place_orders import place_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.repair_stock import repair_stock
from hub.usecases.send_outbox import send_outbox
from tests.machine.acts import act
from tests.machine.company import Company, fuse


@act(often=3, limit=st.integers(1, 5))
def ingest(company: Company, limit: int) -> None:
    company.ask(lambda: ingest_inbox(company.ctx, limit))


@act(often=3, limit=st.integers(1, 5))
def place(company: Company, limit: int) -> None:
    company.ask(lambda: place_orders(company.ctx, limit))


@act(often=2)
def talk(company: Company) -> None:
    """Messages and stock go to the channel."""
    company.ask(lambda: send_outbox(company.ctx, company.world.shop_id))
    company.ask(lambda: push_stock(company.ctx, company.world.shop_id))


@act(sku=st.sampled_from("ABC"))
def rush(company: Company, sku: str) -> None:
    """Three batches found this SKU taken by others: its orders go in single file for a minute."""
    for _ in range(3):
        company.ask(lambda: note_conflict(company.ctx, StockGone(f"stock of {sku} was taken", {sku})))


@act(minutes=st.integers(1, 6))
def expire(company: Company, minutes: int) -> None:
    """Time goes by, and what ran out meanwhile is taken back."""
    company.clock.move(minutes=minutes)
    expire_all(company)


def expire_all(company: Company) -> int:
    """Everything that ends by the clock; how many that were."""
    return sum(
        company.ask(lambda job=job: job(company.ctx)) or 0  # type: ignore[misc]
        for job in (expire_acceptance, expire_requests, expire_holds)
    )


@act()
def repair(company: Company) -> None:
    """The audit finds nothing to repair, whoever is at work meanwhile."""
    report = repair_stock(company.ctx, actor="eve")
    assert (report.found.mismatches, report.done, report.needs_person) == ((), (), ())


WORK = {
    "ingest": lambda company: ingest_inbox(company.ctx),
    "place": lambda company: place_orders(company.ctx),
    "send": lambda company: send_outbox(company.ctx, company.world.shop_id),
    "push": lambda company: push_stock(company.ctx, company.world.shop_id),
    "adjust": lambda company: adjust_stock(
        company.ctx, "A", "W1", 3, reason="found", actor="eve", key=company.key("adjust")
    ),
}


@act(often=3, point=st.sampled_from(POINTS), work=st.sampled_from(sorted(WORK)))
def crash(company: Company, point: str, work: str) -> None:
    """A worker dies at a failpoint; somebody else goes on later."""
    fuse.armed = point
    company.ask(lambda: WORK[work](company))
    fuse.armed = ""
