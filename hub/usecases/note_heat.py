"""Notes what makes SKUs hot: the lines that come in, and the batches that found their stock taken by others."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from hub.canonical.errors import Conflict, StockGone
from hub.rules.hot_skus import after_conflict, after_window
from hub.store.heat import Change, change_heats
from hub.usecases.context import Context

log = logging.getLogger(__name__)


def note_lines(ctx: Context, skus: Sequence[str]) -> None:
    """One line for each of these came in. Counted in memory; a window that had something warm in it is written down."""
    now = ctx.clock()
    warm = ctx.heat.count(skus, now)
    if warm:
        _change(ctx, {sku: partial(after_window, permille=share, now=now) for sku, share in warm.items()})


def note_conflict(ctx: Context, told: Conflict) -> None:
    """A batch goes the long way; where that is because its stock was taken, the SKUs are written down."""
    if isinstance(told, StockGone):
        _change(ctx, dict.fromkeys(told.skus, partial(after_conflict, now=ctx.clock())))


def _change(ctx: Context, changes: Mapping[str, Change]) -> None:
    now = ctx.clock()
    with ctx.db.write() as db:
        changed = change_heats(db, changes)
    for sku, (before, after) in changed.items():
        if after.is_single(now) and not (before and before.is_single(now)):
            log.info("SKU %s: its orders go in single file (%d conflicts)", sku, after.conflicts)
            ctx.heat.look_again()
        elif after.is_hot(now) and not (before and before.is_hot(now)):
            log.info("SKU %s is hot: %.1f %% of the lines", sku, after.permille / 10)
