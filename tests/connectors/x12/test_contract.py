"""The shared contract, against the dealer's folder and against his SFTP server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.kit import registry
from connectors.kit.practice.sandbox import Sandbox
from connectors.x12.sandbox import X12Sandbox
from hub.ports.channel import Channel, Connection, RawRecord, StockLine
from tests.connectors.contract import CANARY, ConnectorContract, Strange


class DealerContract(ConnectorContract):
    """What both transports share."""

    def stock_lines(self, channel: Channel, numbers: Mapping[str, int], **more: Any) -> list[StockLine]:
        """A dealer has no listings to pull: his item numbers are our SKUs."""
        return [StockLine(sku, number, f"stock:1:{sku}:1", sku, **more) for sku, number in numbers.items()]

    def unknown_status(self, record: RawRecord) -> Strange:
        at = record.raw.index(b"BEG") + 4
        return Strange(replace(record, raw=record.raw[:at] + b"99" + record.raw[at + 2 :]), "BEG.BEG01", "99")


class TestX12Sftp(DealerContract):
    def make_sandbox(self) -> Sandbox:
        return X12Sandbox(seed=1, transport="sftp")


class TestX12Folder(DealerContract):
    """A folder has no password; what a wrong password is there, a wrong folder is here."""

    def make_sandbox(self) -> Sandbox:
        return X12Sandbox(seed=2)

    def bad_secrets(self, sandbox: Sandbox) -> Mapping[str, str]:
        return {"sftp_password": CANARY}

    def make_channel(self, sandbox: Sandbox, secrets: Mapping[str, str] | None = None) -> Channel:
        settings = dict(sandbox.settings)
        if secrets is not None:
            settings["inbound_dir"] = __file__
        return registry.build(Connection(1, "contract", sandbox.channel, settings, dict(secrets or {})))
