"""What a use case is given: the database, a clock, the channels and the doorbell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from hub.ports.channel import Channel, Connection
from hub.ports.clock import Clock, utc_now
from hub.ports.doorbell import Doorbell, SilentDoorbell
from hub.ports.mapping import Mappings, NoMappings
from hub.store.database import Database
from hub.store.heat import HeatMeter


def _nothing(_connection_id: int) -> None:
    """No channel is kept."""


def _anything_fits(_described: Connection, _sealed: Mapping[str, str]) -> None:
    """No connector is here to be asked."""


@dataclass(frozen=True, slots=True)
class Context:
    """`channel(connection_id)` gives the (cached) channel object; it raises Misconfigured where it cannot be built.

    lease_s: how long a worker may hold a stream or a message before another may take it over, in seconds;
             longer than the longest channel call.
    count_by_two: who counted shelves may not approve the count alone.
    look_again: compares a connection's channel with what is stored at its next use, not within a second.
    fits: builds a channel of a description and of sealed secrets, to see whether that can be done; raises Misconfigured
          or BadRecord where it cannot.
    mappings: what the mappings of the channels say, and with overrides would say.
    public_url: how channels reach the hub, without a slash at the end; empty where nobody set it.
    heat: what this process knows of hot SKUs; all its contexts share one.
    """

    db: Database
    channel: Callable[[int], Channel]
    clock: Clock = utc_now
    doorbell: Doorbell = field(default_factory=SilentDoorbell)
    worker: str = "hub"
    lease_s: float = 60.0
    count_by_two: bool = False
    heat: HeatMeter = field(default_factory=HeatMeter)
    look_again: Callable[[int], None] = _nothing
    fits: Callable[[Connection, Mapping[str, str]], None] = _anything_fits
    mappings: Mappings = field(default_factory=NoMappings)
    public_url: str = ""

    def callback_url(self, connection: str) -> str:
        """Where the channel of a connection is to call; empty where there is no public address."""
        return f"{self.public_url}/webhooks/{quote(connection)}" if self.public_url else ""
