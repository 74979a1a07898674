"""The contract is part of the product (`connectors/kit/contract/`); the tests here take it from this place."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from connectors.kit.contract.base import CANARY, ITEMS, SHOPPER, Strange
from connectors.kit.contract.suite import ConnectorContract
from connectors.kit.practice.sandbox import Sandbox
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.channel import RawRecord
from tests.connectors.openapi import held_to

__all__ = ["CANARY", "ITEMS", "SHOPPER", "ConnectorContract", "HeldContract", "Strange", "stop", "with_field"]


class HeldContract(ConnectorContract):
    """The contract with every exchange held to what the platform publishes of its calls; cursors are times."""

    clock = "_clock"
    """What the sandbox's shop reads the time from."""

    def specification(self) -> Any:
        """Names the faults of an exchange (see `held_to`); None where what is published is not on this machine."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _held(self, sandbox: Sandbox) -> Iterator[None]:
        assert isinstance(sandbox, ShopSandbox)
        published = self.specification()
        with held_to(published, sandbox.server) if published else contextlib.nullcontext():
            yield

    def future_cursor(self) -> str:
        return "2999-01-01T00:00:00Z"

    def stop_clock(self, sandbox: Sandbox) -> None:
        stop(cast(Any, sandbox).shop, self.clock)

    def make_pages_loop(self, sandbox: Sandbox) -> None:
        cast(Any, sandbox).routes.loop_pages = True


def stop(shop: object, clock: str) -> None:
    """A shop's clock stands still."""
    moment = getattr(shop, clock)()
    setattr(shop, clock, lambda: moment)


def with_field(record: RawRecord, field: str, value: Any) -> Strange:
    """The record with this field, which its BadRecord must name."""
    body = json.loads(record.raw) | {field: value}
    return Strange(replace(record, raw=json.dumps(body).encode()), field, str(value))
