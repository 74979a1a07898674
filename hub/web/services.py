"""What a web process is given when it is wired, and how a request reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fastapi import Request

from hub.ports.channel import ConnectorSpec
from hub.store.secrets import SecretBox
from hub.usecases.context import Context


def _no_specs() -> tuple[ConnectorSpec, ...]:
    return ()


def _nothing(_connection_id: int) -> None:
    """No channel is cached."""


@dataclass(frozen=True, slots=True)
class Services:
    """Wired once by `hub.main`; the same for every request of the process.

    specs:      the passports of all connectors (the pages may not import connectors).
    https:      the public address is https: cookies are marked Secure even behind a proxy that speaks http.
    demo:       this is the demo: its one-time link may be used without choosing a password.
    version:    shown in the foot of the menu.
    house_currency: that of amounts that name none; empty where nobody set it.
    forget:     builds a connection's channel anew at its next use in this process (others notice within a second).
    """

    ctx: Context
    box: SecretBox | None = None
    specs: Callable[[], tuple[ConnectorSpec, ...]] = _no_specs
    https: bool = False
    demo: bool = False
    version: str = ""
    house_currency: str = ""
    forget: Callable[[int], None] = _nothing


def get_services(request: Request) -> Services:
    """FastAPI dependency: the services of this process."""
    return cast(Services, request.app.state.services)
