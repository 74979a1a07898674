"""The passport of the stock feed."""

from __future__ import annotations

from hub.ports.channel import Can, ConnectorSpec

SPEC = ConnectorSpec(
    name="feed",
    title="Stock feed (a dealer who asks)",
    can=frozenset({Can.STOCK_FEED}),
    calls_per_second=0.0,
    docs="connectors/feed/README.md",
)
