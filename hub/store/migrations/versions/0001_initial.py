"""All tables as of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON()


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=True),
        sa.Column("revoked_at", UTC, nullable=True),
        sa.Column("used_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("secrets", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("on_shortage", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "fulfillment_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fulfillment_order_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("piece_id", BIG, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("picked", BIG, nullable=False),
        sa.Column("shipped", BIG, nullable=False),
        sa.Column("cancelled", BIG, nullable=False),
        sa.CheckConstraint(
            "picked >= 0 AND shipped >= 0 AND cancelled >= 0 AND shipped + cancelled <= quantity AND picked + cancelled <= quantity",
            name="fulfillment_line_counts",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("fulfillment_line_by_fo", "fulfillment_line", ["fulfillment_order_id"], unique=False)

    op.create_table(
        "fulfillment_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("decision_id", BIG, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("request_status", sa.String(), nullable=False),
        sa.Column("picker", sa.String(), nullable=False),
        sa.Column("ship_by", UTC, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("fulfillment_order_by_order", "fulfillment_order", ["order_id"], unique=False)
    op.create_index("fulfillment_order_work", "fulfillment_order", ["warehouse", "status", "id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("inbox_id", BIG, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("released_at", UTC, nullable=True),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hold_by_inbox", "hold", ["inbox_id"], unique=False)
    op.create_index("hold_by_order", "hold", ["order_id"], unique=False)
    op.create_index(
        "hold_open",
        "hold",
        ["fingerprint"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source_updated_at", UTC, nullable=True),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("done_at", UTC, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("inbox_by_order", "inbox", ["order_id"], unique=False)
    op.create_index("inbox_once", "inbox", ["connection_id", "dedupe_key"], unique=True)
    op.create_index(
        "inbox_waiting",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )

    op.create_table(
        "item",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("barcode", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("sku"),
    )
    op.create_index(op.f("ix_item_barcode"), "item", ["barcode"], unique=False)

    op.create_table(
        "kit",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("component", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "component"),
    )
    op.create_index(op.f("ix_kit_component"), "kit", ["component"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "listing",
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("listing_ref", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("offered_sku", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("barcode", sa.String(), nullable=False),
        sa.Column("place", JSON, nullable=False),
        sa.Column("buffer", sa.Integer(), nullable=False),
        sa.Column("max_listed", sa.Integer(), nullable=True),
        sa.Column("stocked", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("listing_by_ref", "listing", ["connection_id", "listing_ref"], unique=True)
    op.create_index("listing_by_sku", "listing", ["sku"], unique=False)

    op.create_table(
        "login_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("used_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "order_document",
        sa.Column("order_id", BIG, autoincrement=False, nullable=False),
        sa.Column("first", JSON, nullable=False),
        sa.Column("current", JSON, nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "order_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("order_event_by_order", "order_event", ["order_id", "id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("channel_ref", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("listing_ref", sa.String(), nullable=True),
        sa.Column("offered_sku", sa.String(), nullable=True),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("uom", sa.String(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("ordered", sa.String(), nullable=False),
        sa.Column("wanted", BIG, nullable=False),
        sa.Column("told", BIG, nullable=False),
        sa.CheckConstraint("wanted >= 0 AND told >= 0", name="order_line_counts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("order_line_by_listing", "order_line", ["listing_ref"], unique=False)
    op.create_index("order_line_once", "order_line", ["order_id", "channel_ref"], unique=True)

    op.create_table(
        "order_piece",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("per_unit", sa.Integer(), nullable=False),
        sa.Column("wanted", BIG, nullable=False),
        sa.Column("reserved", BIG, nullable=False),
        sa.Column("shipped", BIG, nullable=False),
        sa.CheckConstraint("reserved >= 0 AND shipped >= 0 AND wanted >= 0", name="order_piece_counts"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("order_piece_by_order", "order_piece", ["order_id"], unique=False)
    op.create_index("order_piece_once", "order_piece", ["line_id", "sku"], unique=True)

    op.create_table(
        "orders",
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("channel_ref", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment", sa.String(), nullable=True),
        sa.Column("fulfillment", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("total", BIG, nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("postal_code", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("placed_at", UTC, nullable=True),
        sa.Column("ship_by", UTC, nullable=True),
        sa.Column("source_updated_at", UTC, nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place_at", UTC, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answered", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("orders_by_number", "orders", ["number"], unique=False)
    op.create_index("orders_by_state", "orders", ["state", "id"], unique=False)
    op.create_index("orders_once", "orders", ["connection_id", "channel_ref"], unique=True)
    op.create_index(
        "orders_waiting",
        "orders",
        ["place_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )

    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("leased_until", UTC, nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("sent_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_by_order", "outbox", ["order_id"], unique=False)
    op.create_index("outbox_once", "outbox", ["key"], unique=True)
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["connection_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )

    op.create_table(
        "routing_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("ruleset_version", sa.Integer(), nullable=False),
        sa.Column("snapshot_hash", sa.String(), nullable=False),
        sa.Column("snapshot", JSON, nullable=False),
        sa.Column("demand", JSON, nullable=False),
        sa.Column("decision", JSON, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("routing_decision_by_order", "routing_decision", ["order_id", "attempt"], unique=True)

    op.create_table(
        "ruleset",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "shipment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("fulfillment_order_id", BIG, nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("tracking_no", sa.String(), nullable=False),
        sa.Column("tracking_url", sa.String(), nullable=True),
        sa.Column("shipped_at", UTC, nullable=False),
        sa.Column("shipped_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_shipment_tracking_no"), "shipment", ["tracking_no"], unique=False)
    op.create_index("shipment_by_order", "shipment", ["order_id"], unique=False)
    op.create_index("shipment_once", "shipment", ["key"], unique=True)

    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", BIG, autoincrement=False, nullable=False),
        sa.Column("fulfillment_line_id", BIG, autoincrement=False, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.PrimaryKeyConstraint("shipment_id", "fulfillment_line_id"),
    )
    op.create_table(
        "stock_balance",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("reserved", BIG, nullable=False),
        sa.Column("safety", BIG, nullable=False),
        sa.Column("incoming", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("updated_at", UTC, nullable=False),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_within_on_hand"),
        sa.CheckConstraint("safety >= 0 AND incoming >= 0", name="never_negative"),
        sa.PrimaryKeyConstraint("sku", "warehouse", "lot"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "stock_ledger",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("lot", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("reserved", BIG, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stock_ledger_by_order", "stock_ledger", ["order_id"], unique=False)
    op.create_index("stock_ledger_by_sku", "stock_ledger", ["sku", "warehouse", "id"], unique=False)
    op.create_index(
        "stock_ledger_once", "stock_ledger", ["cause", "line", "kind", "sku", "warehouse", "lot"], unique=True
    )

    op.create_table(
        "stock_push",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("listing_ref", sa.String(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("sent_seq", BIG, nullable=False),
        sa.Column("sent_value", sa.Integer(), nullable=True),
        sa.Column("sent_at", UTC, nullable=True),
        sa.Column("changed_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("leased_until", UTC, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "listing_ref"),
    )
    op.create_index(
        "stock_push_waiting",
        "stock_push",
        ["connection_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("seq > sent_seq"),
        postgresql_where=sa.text("seq > sent_seq"),
    )

    op.create_table(
        "stream",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("leased_until", UTC, nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("ok_at", UTC, nullable=True),
        sa.Column("failed_at", UTC, nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("newest_at", UTC, nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "stream"),
    )
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("warehouses", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UTC, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("signed_in_at", UTC, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "warehouse",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("postal_code", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("ships_to", JSON, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
