"""What people do with stock: adjust, count, move, receive, spoil, import."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from hub.rules.lots import NO_LOT
from hub.store import tables as t
from hub.usecases.change_state import STATES, StockState, change_state
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, submit_count
from hub.usecases.decide_count import approve_count, reject_count
from hub.usecases.import_stock import StockFile, apply_import, preview_import
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.move_transfer import Arrived, close_transfer, receive_transfer, ship_transfer
from hub.usecases.plan_transfer import TransferPlan, cancel_transfer, create_transfer, reserve_transfer
from tests.machine.acts import INDEX, LOTS, PLACES, SKUS, act
from tests.machine.company import Company

EXPIRY = {"old": date(2026, 11, 22), "soon": date(2026, 11, 25), "late": date(2027, 11, 23)}


@act(often=2, sku=SKUS, place=PLACES, by=st.integers(-4, 9), lot=LOTS)
def adjust(company: Company, sku: str, place: str, by: int, lot: str) -> None:
    before = company.balance(sku, place, lot)
    done = company.ask(
        lambda: adjust_stock(
            company.ctx, sku, place, by, reason="r", actor="t", key=company.key("adjust"), lot=lot,
            expires_on=EXPIRY.get(lot), sure=True,
        )
    )  # fmt: skip
    if company.alone:
        bound = before["reserved"] + before["damaged"] + before["quality_hold"]
        assert (done is None) == (before["on_hand"] + by < bound)
        after = before if done is None else before | {"on_hand": before["on_hand"] + by}
        assert company.balance(sku, place, lot) == after


@act(often=2, index=INDEX, place=PLACES)
def come_back(company: Company, index: int, place: str) -> None:
    """A buyer sends a piece of a parcel back; the same return told twice counts once."""
    line = company.choose(index, t.shipment_lines)
    if line is None:
        return
    before, key = company.balance(line.sku, place), company.key("return")
    for _ in range(2):
        company.ask(
            lambda: adjust_stock(company.ctx, line.sku, place, 1, reason="returned", actor="t", key=key, kind="receive")
        )
    if company.alone:
        assert company.balance(line.sku, place) == before | {"on_hand": before["on_hand"] + 1}


@act(sku=SKUS, place=PLACES, counted=st.integers(0, 9), lot=LOTS)
def count(company: Company, sku: str, place: str, counted: int, lot: str) -> None:
    before = company.balance(sku, place, lot)
    done = company.ask(
        lambda: count_stock(
            company.ctx, sku, place, counted, reason="r", actor="t", key=company.key("count"),
            lot=lot or NO_LOT, expires_on=EXPIRY.get(lot), sure=True,
        )
    )  # fmt: skip
    if company.alone:
        bound = before["reserved"] + before["damaged"] + before["quality_hold"]
        assert done == (None if counted < bound else counted - before["on_hand"])


@act(sku=SKUS, place=PLACES, safety=st.integers(0, 3))
def keep(company: Company, sku: str, place: str, safety: int) -> None:
    company.ask(lambda: set_safety(company.ctx, sku, place, safety, actor="t"))


@act(sku=SKUS, place=PLACES, pieces=st.integers(1, 3), lot=LOTS, was=st.sampled_from(STATES),
     now=st.sampled_from(STATES))  # fmt: skip
def spoil(company: Company, sku: str, place: str, pieces: int, lot: str, was: StockState, now: StockState) -> None:
    """Pieces are found damaged, held, fine again, or thrown away."""
    before = company.balance(sku, place, lot)
    free = before["on_hand"] - before["reserved"] - before["damaged"] - before["quality_hold"]
    there = {"free": free, "scrapped": 0}.get(was, before.get(was, 0))
    done = company.ask(
        lambda: change_state(
            company.ctx, sku, place, pieces, source=was, target=now, reason="r", actor="t",
            key=company.key("state"), lot=lot,
        )
        is None
    )  # fmt: skip
    if company.alone:
        assert (done is True) == (was not in ("scrapped", now) and pieces <= there)


@act(sku=SKUS, place=PLACES, pieces=st.integers(1, 4), lot=LOTS)
def send_over(company: Company, sku: str, place: str, pieces: int, lot: str) -> None:
    """A transfer to the other warehouse is written down."""
    other = {"W1": "W2", "W2": "W1"}[place]
    plan = TransferPlan(company.key("transfer"), place, other, ((sku, lot, pieces),))
    company.ask(lambda: create_transfer(company.ctx, plan, actor="t"))


@act(often=4, index=INDEX, part=st.integers(0, 4), broken=st.integers(0, 1), twice=st.booleans())
def carry_on(company: Company, index: int, part: int, broken: int, twice: bool) -> None:
    """The next step of a transfer: reserve, ship a part, receive a part of it (some damaged), write off the rest."""
    row = company.choose(index, t.transfers, t.transfers.c.state.in_(("draft", "ready", "in_transit")))
    if row is None:
        return
    before, key = company.pieces_in_all(), company.key("step")
    for _ in range(2 if twice else 1):
        _step(company, row, part, broken, key)
    lost = _lost(company, row.id) if row.state == "in_transit" else 0
    assert not company.alone or company.pieces_in_all() == before - lost


def _step(company: Company, row: object, part: int, broken: int, key: str) -> None:
    ctx, number = company.ctx, row.id  # type: ignore[attr-defined]
    (line,) = company.world.rows(t.transfer_lines, t.transfer_lines.c.transfer_id == number)
    steps = {
        "draft": lambda: reserve_transfer(ctx, number, actor="t"),
        "ready": lambda: ship_transfer(ctx, number, actor="t", key=key, contents={line.id: part} if part else None),
        "in_transit": lambda: receive_transfer(
            ctx, number, actor="t", key=key, contents={line.id: Arrived(part, broken)} if part else None, reason="wet"
        ),
    }
    company.ask(steps[row.state])  # type: ignore[attr-defined]


def _lost(company: Company, transfer_id: int) -> int:
    return sum(
        row.lost for row in company.world.rows(t.transfer_lines, t.transfer_lines.c.transfer_id == transfer_id)
    )  # fmt: skip


@act(index=INDEX)
def give_up(company: Company, index: int) -> None:
    """A transfer is called off before it left, or what never arrived is written off."""
    row = company.choose(index, t.transfers, t.transfers.c.state.in_(("draft", "ready", "in_transit")))
    if row is None:
        return
    before = company.pieces_in_all()
    if row.state == "in_transit":
        lost = company.ask(lambda: close_transfer(company.ctx, row.id, actor="t", reason="gone")) or 0
    else:
        lost = company.ask(lambda: cancel_transfer(company.ctx, row.id, actor="t", reason="no need")) or 0
    assert not company.alone or company.pieces_in_all() == before - lost


@act(place=PLACES, sku=st.sampled_from(["", "A", "B", "C"]), blind=st.booleans())
def open_shelves(company: Company, place: str, sku: str, blind: bool) -> None:
    company.ask(lambda: open_count(company.ctx, CountPlan(place, (sku,) if sku else (), blind=blind), actor="t"))


@act(often=2, index=INDEX, counted=st.integers(0, 9), all_of_it=st.booleans())
def write_down(company: Company, index: int, counted: int, all_of_it: bool) -> None:
    """Shelves of an open count are counted."""
    row = company.choose(index, t.stock_counts, t.stock_counts.c.state == "open")
    if row is None:
        return
    lines = company.world.rows(t.stock_count_lines, t.stock_count_lines.c.count_id == row.id)
    entries = [Entry(line.sku, counted, line.lot) for line in (lines if all_of_it else lines[:1])]
    company.ask(lambda: enter_counts(company.ctx, row.id, entries, actor="t"))
    if all_of_it:
        company.ask(lambda: submit_count(company.ctx, row.id, actor="t"))


@act(often=2, index=INDEX, believe=st.booleans(), again=st.booleans())
def decide(company: Company, index: int, believe: bool, again: bool) -> None:
    """A count that was handed in is approved or not believed; approved ones are tried again."""
    row = company.choose(index, t.stock_counts, t.stock_counts.c.state.in_(("submitted", "approved")))
    if row is None:
        return
    if believe or row.state == "approved":
        company.ask(lambda: approve_count(company.ctx, row.id, actor="eve"))
    else:
        recount = () if again else None
        company.ask(lambda: reject_count(company.ctx, row.id, actor="eve", reason="doubt", recount=recount))


@act(place=PLACES, numbers=st.dictionaries(SKUS, st.integers(0, 9), min_size=1), mode=st.sampled_from(["set", "add"]),
     twice=st.booleans())  # fmt: skip
def upload(company: Company, place: str, numbers: dict[str, int], mode: str, twice: bool) -> None:
    """A stock file is read and applied; applying it again changes nothing."""
    text = "sku,quantity\n" + "".join(f"{sku},{pieces}\n" for sku, pieces in sorted(numbers.items()))
    given = StockFile(company.key("file"), "stock.csv", text.encode(), mode, place)
    number = company.ask(lambda: preview_import(company.ctx, given, actor="t"))
    for _ in range(2 if twice else 1):
        if number is not None:
            company.ask(lambda: apply_import(company.ctx, number, actor="t", yes=True, skip_problems=True))


@act(daily=st.sampled_from([None, 1, 3]))
def limit_days(company: Company, daily: int | None) -> None:
    """W1 can take another number of orders a day."""
    company.ask(lambda: save_warehouse(company.ctx, "W1", actor="eve", daily_orders=daily))
