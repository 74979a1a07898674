"""A WooCommerce connection of a real hub, whose messages are put into the inbox by hand."""

from __future__ import annotations

import json
from typing import Any

from connectors.kit import registry
from hub.ports.channel import RawRecord
from hub.store import tables as t
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.connect import add_connection
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_mappings import activate_mapping, draft_mapping
from hub.wiring import Hub
from tests.mappings.payloads import woo

PICKUP: dict[str, Any] = {"tables": {"status": [["awaiting-pickup", "open", "paid", ""]]}}


class Shop:
    """The connection `id`; payloads are those of `woo()` with other fields."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.ctx = hub, hub.context()
        self.id = self.connect("shop")

    def connect(self, name: str) -> int:
        spec = registry.spec("woocommerce")
        secrets = dict.fromkeys(("consumer_key", "consumer_secret", "webhook_secret"), "0123456789abcdef")
        return add_connection(
            self.ctx, self.hub.box.seal, spec, name, {"shop_url": "https://shop.example"}, secrets, actor="test"
        )

    def arrive(self, number: int, connection_id: int = 0, **fields: Any) -> None:
        body = {**woo(), "id": number, "number": f"W{number}", **fields}
        record = RawRecord(str(number), json.dumps(body).encode())
        with self.ctx.db.write() as db:
            store_arrivals(db, connection_id or self.id, [pulled(record)], self.ctx.clock())
        ingest_inbox(self.ctx)

    def states(self) -> dict[str, str]:
        with self.ctx.db.read() as db:
            rows = db.execute(t.inbox.select().order_by(t.inbox.c.id)).all()
        return {row.ref: row.state for row in rows}

    def note(self, number: int) -> Any:
        with self.ctx.db.read() as db:
            query = t.order_documents.select().join(t.orders, t.orders.c.id == t.order_documents.c.order_id)
            return db.execute(query.where(t.orders.c.channel_ref == str(number))).one().current.get("note")

    def activate(self, body: dict[str, Any]) -> int:
        version = draft_mapping(self.ctx, self.id, actor="eve", given=body)
        activate_mapping(self.ctx, self.id, version, actor="ann")
        return version


def noted(text: str) -> dict[str, Any]:
    """Overrides that write this note into every order."""
    return {"files": {"orders": f"order:\n  note: {{const: {text}}}\n"}}
