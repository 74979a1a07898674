"""A person's word on zeros meets a sweep or a push, on real threads: neither breaks, and no zero is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.ports.channel import Can, StockAnswer
from hub.usecases import push_stock as pushing
from hub.usecases import reconcile_stock as sweeping
from hub.usecases.connect import resume_connection
from hub.usecases.context import Context
from hub.usecases.mass_zero import allow_mass_zero, look_again
from tests.fakes.channel import SPEC
from tests.fakes.six_skus import fill_shop, push, shown, waiting, write_down
from tests.fakes.slow import Slow, meanwhile
from tests.fakes.world import World


def allow(ctx: Context, connection_id: int, actor: str) -> None:
    allow_mass_zero(ctx, connection_id, True, actor)


@pytest.mark.parametrize("word", [allow, look_again, resume_connection])
@pytest.mark.parametrize("readable", [True, False])
def test_a_sweep_and_a_word_do_not_wait_in_a_circle(
    world: World, monkeypatch: pytest.MonkeyPatch, word: Callable[..., object], readable: bool
) -> None:
    fill_shop(world)
    write_down(world, 0, 1, 2, 3)
    push(world)
    if readable:
        world.shop.line_answers = {"L-S5": StockAnswer("L-S5", False, why="no")}  # given up, until a sweep heals it
        world.stock("S5", "W1", 1)
        push(world)
        world.shop.line_answers.clear()
    else:
        world.shop.spec = replace(SPEC, can=SPEC.can - {Can.READ_STOCK})
    slow = Slow(sweeping.make_due)
    monkeypatch.setattr(sweeping, "make_due", slow)
    meanwhile(
        lambda: sweeping.reconcile_stock(world.ctx, world.shop_id), slow, lambda: word(world.ctx, world.shop_id, "eve")
    )
    while push(world):
        pass
    assert shown(world) == ([0] * 4 if word is allow else [5] * 4) + [5, 6 if readable else 5]


def test_a_word_that_comes_while_a_push_is_judged_lets_its_zeros_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_shop(world)
    write_down(world, 0, 1, 2, 3)
    slow = Slow(pushing.doubtful_zeros)
    with monkeypatch.context() as patched:
        patched.setattr(pushing, "doubtful_zeros", slow)
        meanwhile(lambda: push(world), slow, lambda: allow(world.ctx, world.shop_id, "eve"))
    while push(world):
        pass
    assert (waiting(world), shown(world)) == ([], [0, 0, 0, 0, 5, 5])
