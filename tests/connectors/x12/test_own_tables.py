"""The tables of one dealer: each can be given rows of one's own, which are checked when they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.kit import overrides, registry
from hub.canonical.errors import BadInput
from hub.reports.holds import hold_causes
from hub.settings import load
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_mappings import activate_mapping, draft_mapping, replay_unread
from hub.usecases.pull_orders import pull_orders
from hub.usecases.try_mapping import dry_run
from hub.wiring import Hub
from mappings.engine import OVERRIDES, Overrides
from tests.connectors.x12.papers import one_order, plain
from tests.connectors.x12.test_strange_orders import LINE, order
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]
TABLES = {"amounts", "carriers", "charges", "dates", "item_ids", "price_bases", "purposes", "zones"}


def own(**tables: list[list[str]]) -> dict[str, str]:
    return {OVERRIDES: Overrides.of({"tables": tables}).to_text()}


def test_every_table_of_the_dealers_mapping_is_there_to_be_changed() -> None:
    found = {table.name: table for table in overrides.built_in("x12").tables}
    assert found.keys() == TABLES
    assert found["dates"].words == {"deadline": ("ship_by", "deliver_by")}
    assert found["price_bases"].words == {"charged": ("yes", "no")}
    assert [name for name, table in found.items() if "status" in table.words] == ["purposes"]


@pytest.mark.parametrize(
    ("table", "row", "body", "field", "before", "after"),
    [
        ("amounts", ["ZZ", "1", ""], [LINE, "AMT*ZZ*99"], "total", "75.00", "99"),
        ("dates", ["899", "ship_by", "1", ""], [LINE, "DTM*899*20261130*1200"], "ship_by", None,
         "2026-11-30T12:00:00Z"),
        ("dates", ["010", "", "", ""], [LINE, "DTM*010*20261130*1200"], "ship_by", "2026-11-30T12:00:00Z", None),
        ("zones", ["ES", "Etc/GMT+6", ""], [LINE, "DTM*010*20261130*1200*ES"], "ship_by", "2026-11-30T17:00:00Z",
         "2026-11-30T18:00:00Z"),
    ],
)  # fmt: skip
def test_a_row_of_ones_own_goes_before_what_the_head_of_an_order_meant(
    table: str, row: list[str], body: list[str], field: str, before: Any, after: Any
) -> None:
    body = sorted(body, key=lambda line: line.startswith("PO1"))
    assert (order(*body)[field], order(*body, **own(**{table: [row]}))[field]) == (before, after)


@pytest.mark.parametrize(
    ("table", "row", "line", "field", "before", "after"),
    [
        ("item_ids", ["ZZ", "1", ""], "PO1*1*1*EA*5**VN*A-1*ZZ*B-2", "sku", "A-1", "B-2"),
        ("price_bases", ["QQ", "1000", "yes", ""], "PO1*1*1000*EA*5*QQ*VN*A-1", "unit_price", "5", "0.005"),
        ("price_bases", ["QQ", "1000", "yes", ""], "PO1*1*1000*EA*5*QQ*VN*A-1", "total", None, "5"),
        ("price_bases", ["HP", "1", "no", ""], "PO1*1*100*EA*5*HP*VN*A-1", "unit_price", "0.05", "5"),
    ],
)
def test_a_row_of_ones_own_goes_before_what_a_line_meant(
    table: str, row: list[str], line: str, field: str, before: Any, after: Any
) -> None:
    rows = [["VN", "2", ""], row] if table == "item_ids" else [row]
    assert [order(line, **settings)["lines"][0][field] for settings in ({}, own(**{table: rows}))] == [before, after]


def test_a_charge_is_called_as_the_connection_says() -> None:
    body = [LINE, "SAC*C*D500***500"]
    kinds = [
        order(*body, **settings)["other_charges"][0]["kind"] for settings in ({}, own(charges=[["D500", "crane"]]))
    ]
    assert kinds == ["handling", "crane"]


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("dates", ["899", "ship_buy", "1", ""],
         "tables/dates.csv (yours):1:2: 'ship_buy' cannot be a cell of deadline: there are: ship_by, deliver_by"),
        ("dates", ["899", "ship_by", "first", ""],
         "tables/dates.csv (yours):1:3: 'first' cannot be a cell of rank: use a whole number from 1 on"),
        ("price_bases", ["QQ", "0", "yes", ""],
         "tables/price_bases.csv (yours):1:2: '0' cannot be a cell of per: use a whole number from 1 on"),
        ("zones", ["QQ", "Chicago", ""],
         "tables/zones.csv (yours):1:2: 'Chicago' cannot be a cell of zone: use an IANA name such as America/Chicago"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_refused_where_it_stands(table: str, row: list[str], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        overrides.checked("x12", {"tables": {table: [row]}})
    assert str(caught.value) == said


@pytest.fixture
def hub(tmp_path: Path, fresh_db: Database) -> Iterator[Hub]:
    with Hub(load(data_dir=tmp_path, database_url=fresh_db.engine.url.render_as_string(hide_password=False))) as made:
        yield made


def test_a_time_code_of_the_dealers_own_is_drafted_tried_and_read(hub: Hub, tmp_path: Path) -> None:
    ctx, folders = hub.context(), {name: tmp_path / name for name in ("inbound_dir", "outbound_dir")}
    for folder in folders.values():
        folder.mkdir()
    settings = {name: str(at) for name, at in folders.items()} | {"our_id": "STOCKLINE", "partner_id": "DEALER1"}
    spec = registry.spec("x12")
    dealer = add_connection(ctx, hub.box.seal, spec, "dealer", settings | {"settle_s": "0"}, {}, actor="test")
    paper = plain(one_order(body=("DTM*010*20261130*1200*QQ", LINE)))
    (folders["inbound_dir"] / "1.x12").write_bytes(paper)
    pull_orders(ctx, dealer)
    ingest_inbox(ctx)
    assert [(cause.table, cause.value) for cause in hold_causes(ctx.db)] == [("zones", "QQ")]

    mine = {"tables": {"zones": [["QQ", "Asia/Shanghai", "ours"]]}}
    version = draft_mapping(ctx, dealer, actor="eve", given=mine)
    assert dry_run(ctx, dealer, version).counts["mended"] == 1
    activate_mapping(ctx, dealer, version, actor="ann")
    assert (replay_unread(ctx, dealer, actor="ann"), ingest_inbox(ctx)) == (1, 1)
    with ctx.db.read() as db:
        (found,) = db.scalars(select(t.order_documents.c.current)).all()
    assert found["ship_by"] == "2026-11-30T04:00:00Z"
