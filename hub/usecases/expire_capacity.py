"""Gives places on days back that were kept for orders nobody paid in time."""

from __future__ import annotations

from hub.store import capacity
from hub.usecases.context import Context


def expire_capacity(ctx: Context, limit: int = 500) -> int:
    """End bookings whose time is over and for which nobody works; returns how many. Safe to run at any time."""
    with ctx.db.write() as db:
        return capacity.expire(db, ctx.clock(), limit)
