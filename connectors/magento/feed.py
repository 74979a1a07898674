"""Orders by date of change: Magento has no webhooks of its own, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from connectors.kit.http import Api
from connectors.kit.orders import ChangedRows
from connectors.kit.paging import only
from connectors.kit.settings import Start
from connectors.kit.values import Row, named_so, plain_number
from connectors.magento.client import LIST, criteria, number, search
from hub.ports.channel import RawRecord

ORDERS = "/V1/orders"


class OrderFeed(ChangedRows):
    """The orders of one shop, by `updated_at` (UTC, whole seconds)."""

    ref, changed = "entity_id", "updated_at"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page. After the last page Magento sends the last one again, so its count says whether more follow."""
        start = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if since else ""
        query = criteria("updated_at" if since else "", start, "gteq", "updated_at")
        rows, total = search(self._api, ORDERS, query, (number - 1) * LIST.size)
        return rows, number * LIST.size < total

    def numbered(self, number: str) -> RawRecord | None:
        """The newest order of that `increment_id`: two stores may number alike; None where the shop knows none."""
        wanted = plain_number(number)
        rows, _ = search(self._api, ORDERS, criteria("increment_id", wanted, sort="entity_id")) if wanted else ([], 0)
        return next((self.record(row) for row in reversed(rows) if named_so(row, "increment_id", number)), None)


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none. 000000137 is no id, but the number of another."""
    known = number(ref) and not ref.startswith("0")
    answer = api.call("GET", f"{ORDERS}/{ref}", accept={404}) if known else None
    return None if answer is None or answer.status == 404 else only(answer.data)
