"""The bench of speed runs on both databases, on sizes that take a moment; no time is asserted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bench import coalescing, keys, oversold, run, speed
from bench.company import Size
from bench.payloads import Mix, orders, sku_of
from bench.places import SERVER, Server, plain, servers
from bench.raw import record, replay, replay_text
from bench.registry import Figure, Key, at_least, at_most
from connectors.shopify.orders import read_orders
from hub.canonical.errors import BadInput
from hub.cli.bench import bench as command
from hub.store import tables as t
from hub.store.database import Database

SIZE = Size(skus=60, places=2)


@pytest.fixture(params=["sqlite", pytest.param("pg", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    if request.param == "pg":
        monkeypatch.setenv(SERVER, plain(request.getfixturevalue("postgres_server_url")))
    with servers(request.param) as made:
        yield made


def counted(url: str) -> dict[str, int]:
    """Rows of each table that an order leaves behind, and pieces reserved."""
    db = Database(url, pool_size=1)
    tables = (
        t.orders, t.order_documents, t.order_lines, t.order_pieces, t.order_events, t.routing_decisions,
        t.fulfillment_orders, t.fulfillment_lines, t.stock_ledger,
    )  # fmt: skip
    with db.read() as connection:
        found = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
        found["reserved"] = int(connection.scalar(select(func.sum(t.stock_balances.c.reserved))) or 0)
        done = select(func.count()).where(t.inbox.c.state == "done")
        found["done"] = connection.scalar(done) or 0
    db.close()
    return found


def test_the_bare_database_ends_with_the_same_rows_as_the_hub(server: Server) -> None:
    stage = speed.Bench("pg" if server.__class__.__name__ == "Postgres" else "sqlite", server, SIZE)
    hub, recorded, raw, text = stage.copy(), stage.copy(), stage.copy(), stage.copy()
    assert stage.hub(hub, 30, 1).orders == 30
    for url in (recorded, raw, text):
        stage.arrive(url, 30)
    batches = record(recorded, 10)
    assert len(batches) == 3
    assert replay(raw, batches, 30, 2).orders == 30
    assert replay_text(text, batches, 30, 2).orders == 30
    assert counted(hub) == counted(recorded) == counted(raw) == counted(text)
    assert counted(raw)["orders"] == counted(raw)["done"] == 30


def test_equal_seeds_give_equal_orders_with_one_to_four_lines() -> None:
    one, two = (list(orders(7, 100, 50, Mix(1000))) for _ in range(2))
    assert one == two
    assert one != list(orders(8, 100, 50, Mix(1000)))
    read = [read_orders(raw, {})[0] for _, raw in one]
    assert {len(order.lines) for order in read} == {1, 2, 3, 4}
    assert all(first.channel_ref < second.channel_ref for first, second in pairwise(read))
    assert {order.extra.get("unexplained") for order in read} == {None}


def test_a_hot_mix_puts_its_share_of_the_lines_on_one_sku() -> None:
    lines = [line.sku for _, raw in orders(1, 0, 400, Mix(1000, 0.3)) for line in read_orders(raw, {})[0].lines]
    assert 0.2 < lines.count(sku_of(0)) / len(lines) < 0.4
    cold = [line.sku for _, raw in orders(1, 0, 400, Mix(1000)) for line in read_orders(raw, {})[0].lines]
    assert cold.count(sku_of(0)) == 0


def test_no_piece_is_sold_twice_and_all_are_sold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oversold, "CLIENTS", 4)
    monkeypatch.setattr(oversold, "WANTED", 110)
    figure = oversold.oversold_units("sqlite", quick=True)
    assert figure.values == (0.0,) * 5
    assert figure.beside == {"sold_least": 100, "sold_most": 100}
    assert figure.also_ok


def test_each_wave_of_changes_is_told_in_full_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = coalescing.calls_per_change(quick=True)
    assert figure.values == (1.0,) * 5


def test_a_figure_is_judged_by_its_median() -> None:
    key = Key("a.b", "tells", at_least(2), lambda _: Figure((1.0, 2.0, 9.0), {"beside": 1}))
    assert key.judged(key.measure(True)) == {
        "median": 2.0, "min": 1.0, "max": 9.0, "rounds": 3, "bar": ">= 2", "ok": True, "beside": 1,
    }  # fmt: skip
    assert Key("a.c", "", at_most(1.9), key.measure).judged(key.measure(True))["ok"] is False
    assert Key("a.d", "", None, key.measure).judged(key.measure(True))["bar"] is None


def test_keys_are_chosen_by_name_or_group_and_a_wrong_one_is_told() -> None:
    assert [key.name for key in run.chosen(["growth"])] == ["growth.skus", "growth.orders"]
    assert [key.name for key in run.chosen(["cpu_us_per_order"])] == ["cpu_us_per_order"]
    assert run.chosen([]) == list(keys.KEYS)
    with pytest.raises(BadInput, match=r"--only nothing: no such key; there are: pg\.hub_over_raw"):
        run.chosen(["nothing"])


@pytest.mark.parametrize(("_case", "value", "code"), [("met", 0.0, 0), ("missed", 2.0, 1)])
def test_the_command_ends_with_1_where_a_bar_is_missed(
    monkeypatch: pytest.MonkeyPatch, _case: str, value: float, code: int
) -> None:
    monkeypatch.setattr(run, "KEYS", (Key("a.b", "tells", at_most(1), lambda _: Figure((value,))),))
    done = CliRunner().invoke(command, ["--json", "--quick"])
    assert done.exit_code == code
    assert '"a.b"' in done.stdout
    assert '"machine"' in done.stdout
