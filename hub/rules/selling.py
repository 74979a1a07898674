"""Sell policies: what may be sold of a SKU beyond its stock; and how long unpaid orders keep theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hub.canonical.errors import BadInput
from hub.canonical.order import Payment
from hub.rules.lifecycle import UNSETTLED

MODES = ("stock", "backorder", "presale")


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be sold of a SKU on one connection.

    stock:     no more than there is.
    backorder: when the stock is gone, `units` more may be owed at once; they leave as stock comes.
    presale:   until `available_on` only `units` promises are sold, whatever lies there, and nothing leaves; from that
               day on it is sold like stock. None: until the policy is changed.
    """

    mode: str = "stock"
    units: int = 0
    available_on: date | None = None

    def is_presale(self, today: date) -> bool:
        """Whether nothing of it may leave yet."""
        return self.mode == "presale" and (self.available_on is None or today < self.available_on)

    def room(self, owed: int, today: date) -> int:
        """Pieces that may be sold beyond the stock while `owed` are owed; negative where more is owed than may be."""
        if self.mode == "backorder" or self.is_presale(today):
            return self.units - owed
        return 0

    def takes(self, missing: int, owed: int, today: date) -> bool:
        """Whether an order that lacks `missing` pieces may wait for them as sold."""
        return missing <= self.room(owed, today)


STOCK = Policy()


def policy_of(policies: Mapping[tuple[str, int], Policy], sku: str, connection_id: int) -> Policy:
    """The connection's own policy for a SKU, else the one for all connections (0), else no more than the stock."""
    return policies.get((sku, connection_id)) or policies.get((sku, 0)) or STOCK


def owed_under(
    policies: Mapping[tuple[str, int], Policy], owed: Mapping[int, int], sku: str, connection_id: int
) -> int:
    """Pieces that count against the connection's limit: its own, or those of all connections that share one policy.

    Args: owed: connection_id -> pieces of the SKU that its orders wait for as sold.
    """
    if (sku, connection_id) in policies or (sku, 0) not in policies:
        return owed.get(connection_id, 0)
    return sum(pieces for asker, pieces in owed.items() if (sku, asker) not in policies)


LONGEST_SOFT = 43_200
"""Minutes: 30 days."""


def soft_minutes(text: str) -> dict[Payment, int]:
    """Reads the connection's setting `soft_minutes`, such as "unpaid=30, authorized=1440".

    Raises: BadInput: an unknown payment state, or no number of minutes from 0 to 43200.
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, minutes = (word.strip() for word in part.partition("="))
        if name not in UNSETTLED or not re.fullmatch("[0-9]{1,9}", minutes) or int(minutes) > LONGEST_SOFT:
            raise BadInput(
                f"soft_minutes = {part[:80]!r}: write unpaid=MINUTES or authorized=MINUTES, from 0 to {LONGEST_SOFT}, "
                'such as "unpaid=30, authorized=1440"'
            )
        found[Payment(name)] = int(minutes)
    return found


def soft_until(setting: Mapping[Payment, int], payment: Payment | None, now: datetime) -> datetime | None:
    """Until when an order in this payment state keeps its stock; None: it keeps none, or it needs no end."""
    minutes = setting.get(payment, 0) if payment else 0
    return now + timedelta(minutes=minutes) if minutes else None
