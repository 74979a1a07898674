"""What a kind of work is: a name, a lane to wait in, and the use case that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hub.usecases.context import Context


class Lane(StrEnum):
    """A queue of its own, so that slow work delays no other kind; a worker serves all lanes or those it is told.

    PUSH: answers and parcels. STOCK: numbers in bulk. SLOW: sweeps and whole lists.
    """

    INGEST = "ingest"
    PLACE = "place"
    PUSH = "push"
    PULL = "pull"
    STOCK = "stock"
    SLOW = "slow"


BULK = frozenset({Lane.STOCK, Lane.SLOW})
"""Lanes that give way to the others where places are few."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work.

    name:    what a doorbell carries.
    run:     the use case: takes a context, and the connection's id where `outside`; an int says how much it did.
    outside: it speaks with a channel, so it is done per connection and may be slow.
    repeat:  run again at once while it says that it did something.
    """

    name: str
    lane: Lane
    run: Callable[..., Any]
    outside: bool = False
    repeat: bool = False

    @property
    def is_bulk(self) -> bool:
        """Whether it gives way to orders, answers and parcels."""
        return self.lane in BULK

    def once(self, context: Context, connection_id: int | None) -> int:
        """Run the use case once; how much it did."""
        done = self.run(context, connection_id) if self.outside else self.run(context)
        return done if isinstance(done, int) else 0


Works = Mapping[str, Work]


def by_name(*works: Work) -> Works:
    """The works of a process, by the name that a doorbell carries."""
    return {work.name: work for work in works}
