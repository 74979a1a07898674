"""What the hub asks of the mappings: what is built in, whether overrides are sound, and how orders read with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hub.canonical.errors import NotFound
from hub.canonical.order import Order
from hub.ports.channel import RawRecord

ToOrders = Callable[[RawRecord], tuple[Order, ...]]


@dataclass(frozen=True, slots=True)
class BuiltInTable:
    """A table as it comes with the program. columns: the channel's value first; rows: likewise.

    words: column -> what its cells may say, where they are words of ours.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """The mapping of a kind of channel. files: name -> YAML."""

    files: Mapping[str, str]
    tables: tuple[BuiltInTable, ...]


class Mappings(Protocol):
    """Bodies are JSON data: {"files": {name: YAML}, "tables": {name: rows of texts}}; {} says nothing differently."""

    def built_in(self, channel: str) -> BuiltIn:
        """Raises NotFound: this kind of channel has no mapping that can be overridden."""
        ...

    def checked(self, channel: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body as it is stored. Raises BadInput: a mistake in it, with file, line and column."""
        ...

    def trial(self, connection_id: int, body: Mapping[str, Any]) -> ToOrders:
        """How one connection's messages read with this body instead of its active one. Raises BadInput, NotFound."""
        ...


class NoMappings:
    """For a hub without connectors: no channel has a mapping."""

    def built_in(self, channel: str) -> BuiltIn:
        raise NotFound(f"{channel} has no mapping that can be overridden")

    def checked(self, channel: str, body: Mapping[str, Any]) -> dict[str, Any]:
        raise NotFound(f"{channel} has no mapping that can be overridden")

    def trial(self, connection_id: int, body: Mapping[str, Any]) -> ToOrders:
        raise NotFound(f"connection {connection_id} has no mapping that can be overridden")
