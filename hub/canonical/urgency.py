"""Who goes first where a channel allows few calls."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """The lane of a call. ORDERS: orders in, answers and parcels out. PERSON: somebody waits. BULK: stock, sweeps."""

    ORDERS = 0
    PERSON = 1
    BULK = 2
