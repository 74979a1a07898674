"""The doorbell: "there is work of this kind". It may be lost, doubled or late; the tables hold the work."""

from __future__ import annotations

from typing import Protocol


class Doorbell(Protocol):
    def ring(self, work: str, connection_id: int | None = None) -> None:
        """Say that there is work. `work` is a task name such as `inbox.ingest`. Never raises."""
        ...


class SilentDoorbell:
    """Rings nothing: the poll finds the work. For commands and tests that run the use cases themselves."""

    def ring(self, work: str, connection_id: int | None = None) -> None:
        return None
