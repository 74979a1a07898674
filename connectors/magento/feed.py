"""Orders by date of change: Magento has no webhooks of its own, so the poll brings everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.kit.exact_json import dumps_exact
from connectors.kit.feed import ChangeFeed
from connectors.kit.http import Api
from connectors.kit.values import text_id
from connectors.magento.client import PAGE_SIZE, Row, criteria, number, search
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time
from hub.ports.channel import RawRecord

ORDERS = "/V1/orders"


class OrderFeed:
    """The orders of one shop, by `updated_at` (UTC, whole seconds)."""

    def __init__(self, api: Api, overlap: timedelta, first: datetime | None) -> None:
        self._api = api
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        """One page. After the last page Magento sends the last one again, so its count says whether more follow."""
        start = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if since else ""
        query = criteria("updated_at" if since else "", start, "gteq", "updated_at", page)
        rows, total = search(self._api, ORDERS, query)
        return [_record(row) for row in rows], page * PAGE_SIZE < total

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        answer = self._api.call("GET", f"{ORDERS}/{ref}", accept={404}) if number(ref) else None
        return None if answer is None or answer.status == 404 else _record(answer.data)


def _record(row: Any) -> RawRecord:
    ref = text_id(row.get("entity_id")) if isinstance(row, Mapping) else ""
    if not ref:
        return RawRecord("unknown", dumps_exact(row), problem=BadRecord("entity_id", None, "expected the order's id"))
    return RawRecord(ref, dumps_exact(row), changed_at(row))


def changed_at(row: Row) -> datetime | None:
    """When the order changed, UTC; None where it does not say."""
    try:
        return parse_time(row.get("updated_at"), "updated_at", UTC)
    except BadRecord:
        return None
