"""Answers a platform that asks, before it sends webhooks, whether their address is ours."""

from __future__ import annotations

from collections.abc import Mapping

from hub.canonical.errors import NotFound
from hub.ports.channel import Can
from hub.usecases.context import Context
from hub.usecases.receive_webhook import channel_named


def prove_address(ctx: Context, connection_name: str, query: Mapping[str, str], address: str) -> str:
    """The JSON text that the platform of the named connection wants to hear; nothing is stored.

    Args:   query, address: as in `Channel.prove_address`.
    Raises: NotFound: no such connection, or its platform asks nothing. BadInput: this is no such question.
    """
    _, channel = channel_named(ctx, connection_name)
    if Can.PROVE_ADDRESS not in channel.spec.can:
        raise NotFound(f"the platform of connection {connection_name!r} asks nothing of its webhook address")
    return channel.prove_address(query, address)
