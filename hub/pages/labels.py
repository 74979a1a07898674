"""Code words (states, kinds, roles) and what people read for them, with the color of their badge."""

from __future__ import annotations

from hub.pages.i18n import N_

Tone = str
"""ok, busy, warn, bad, quiet."""

LABELS: dict[str, dict[str, tuple[str, Tone]]] = {
    "order": {
        "waiting": (N_("Waiting"), "busy"),
        "unpaid": (N_("Unpaid"), "quiet"),
        "held": (N_("Held"), "bad"),
        "routed": (N_("To ship"), "busy"),
        "partial": (N_("Partly shipped"), "busy"),
        "shipped": (N_("Shipped"), "ok"),
        "cancelled": (N_("Cancelled"), "quiet"),
        "refused": (N_("Refused"), "warn"),
        "closed": (N_("Closed"), "quiet"),
    },
    "payment": {
        "unpaid": (N_("Unpaid"), "quiet"),
        "authorized": (N_("Authorized"), "busy"),
        "paid": (N_("Paid"), "ok"),
        "partially_refunded": (N_("Partly refunded"), "warn"),
        "refunded": (N_("Refunded"), "quiet"),
        "void": (N_("Void"), "quiet"),
    },
    "fulfillment": {
        "open": (N_("Open"), "busy"),
        "picking": (N_("Being picked"), "busy"),
        "packed": (N_("Packed"), "busy"),
        "shipped": (N_("Shipped"), "ok"),
        "cancelled": (N_("Cancelled"), "quiet"),
    },
    "hold": {
        "unknown_sku": (N_("Unknown SKU"), "bad"),
        "not_whole": (N_("Not whole units"), "bad"),
        "bad_record": (N_("Cannot be read"), "bad"),
        "short": (N_("Not enough stock"), "warn"),
        "crashed": (N_("Failed on our side"), "bad"),
        "by_hand": (N_("Held by hand"), "warn"),
    },
    "hold_why": {
        "unknown_sku": (N_("Nobody has said yet which of our SKUs this listing sells."), "bad"),
        "not_whole": (N_("The quantity does not come out as whole pieces of our SKU."), "bad"),
        "short": (N_("There is not enough free stock; it runs again as soon as stock is received."), "warn"),
    },
    "message": {
        "new": (N_("Waiting"), "busy"),
        "done": (N_("Done"), "ok"),
        "sent": (N_("Sent"), "ok"),
        "held": (N_("Held"), "bad"),
        "dead": (N_("Given up"), "bad"),
        "ignored": (N_("Ignored"), "quiet"),
    },
    "connection": {
        "active": (N_("Active"), "ok"),
        "paused": (N_("Paused"), "quiet"),
        "auth_failed": (N_("Credentials refused"), "bad"),
    },
    "ledger": {
        "reserve": (N_("Reserved"), "busy"),
        "release": (N_("Released"), "quiet"),
        "ship": (N_("Shipped"), "ok"),
        "adjust": (N_("Adjusted"), "warn"),
        "count": (N_("Counted"), "quiet"),
        "receive": (N_("Received"), "ok"),
        "missing": (N_("Not on the shelf"), "warn"),
    },
    "event": {
        "order_imported": (N_("Order came in"), "quiet"),
        "order_amended": (N_("Changed on the channel"), "busy"),
        "order_cancelled": (N_("Cancelled on the channel"), "warn"),
        "order_held": (N_("Held"), "bad"),
        "hold_released": (N_("Hold released"), "ok"),
        "order_routed": (N_("Stock reserved, warehouse chosen"), "ok"),
        "order_short": (N_("Not enough stock"), "warn"),
        "order_refused": (N_("Refused: out of stock"), "warn"),
        "order_state": (N_("State changed"), "quiet"),
        "picking_started": (N_("Picking began"), "busy"),
        "packed": (N_("Packed"), "busy"),
        "missing_on_shelf": (N_("Not on the shelf"), "warn"),
        "parcel_shipped": (N_("Parcel shipped"), "ok"),
        "channel_told": (N_("Channel was told"), "ok"),
        "channel_refused_message": (N_("Channel refused the message"), "bad"),
        "too_late_to_take_back": (N_("Too late to take back: it had left"), "warn"),
    },
    "health": {
        "on_time": (N_("On time"), "ok"),
        "starting": (N_("Starting"), "busy"),
        "retrying": (N_("Trying again"), "warn"),
        "delayed": (N_("Delayed"), "warn"),
        "error": (N_("Error"), "bad"),
        "paused": (N_("Paused"), "quiet"),
        "needs_person": (N_("Action required"), "bad"),
    },
    "stream": {
        "orders": (N_("Orders in"), "quiet"),
        "webhooks": (N_("Webhooks"), "quiet"),
        "webhook_check": (N_("Webhook check"), "quiet"),
        "refetch": (N_("Single orders"), "quiet"),
        "listings": (N_("Listings in"), "quiet"),
        "stock": (N_("Stock out"), "quiet"),
        "outbox": (N_("Shipments and answers out"), "quiet"),
        "reconcile_orders": (N_("Sweep for missed orders"), "quiet"),
        "reconcile_stock": (N_("Sweep for stock drift"), "quiet"),
    },
    "letter": {
        "inbox": (N_("Message in"), "bad"),
        "outbox": (N_("Message out"), "bad"),
        "push": (N_("Stock push"), "bad"),
    },
    "topic": {
        "shipment": (N_("Shipment"), "quiet"),
        "answer": (N_("Answer to an order"), "quiet"),
        "receipt": (N_("Acknowledgment"), "quiet"),
        "order": (N_("Order"), "quiet"),
        "file": (N_("File"), "quiet"),
        "refetch": (N_("Order to read again"), "quiet"),
    },
    "source": {
        "pull": (N_("pulled"), "quiet"),
        "webhook": (N_("webhook"), "quiet"),
        "refetch": (N_("read again"), "quiet"),
        "sweep": (N_("found by a sweep"), "quiet"),
    },
    "orders_tab": {
        "all": (N_("All"), "quiet"),
        "to_ship": (N_("To ship"), "quiet"),
        "waiting": (N_("Waiting"), "quiet"),
        "held": (N_("Held"), "bad"),
        "unpaid": (N_("Unpaid"), "quiet"),
        "shipped": (N_("Shipped"), "quiet"),
        "refused": (N_("Refused"), "quiet"),
        "cancelled": (N_("Cancelled"), "quiet"),
        "closed": (N_("Closed"), "quiet"),
    },
    "stock_tab": {
        "all": (N_("All"), "quiet"),
        "out": (N_("Out of stock"), "quiet"),
        "pushing": (N_("Being pushed"), "quiet"),
        "failed": (N_("Push given up"), "bad"),
    },
    "work_tab": {
        "todo": (N_("To do"), "quiet"),
        "open": (N_("Open"), "quiet"),
        "picking": (N_("Being picked"), "quiet"),
        "packed": (N_("Packed"), "quiet"),
        "shipped": (N_("Shipped"), "quiet"),
        "cancelled": (N_("Cancelled"), "quiet"),
    },
    "missing": {
        "not_there": (N_("Not there"), "quiet"),
        "too_few": (N_("Too few"), "quiet"),
        "damaged": (N_("Damaged"), "quiet"),
    },
    "change": {
        "adjust": (N_("Add or take away"), "quiet"),
        "receive": (N_("Receive a delivery"), "quiet"),
        "count": (N_("Counted: set to"), "quiet"),
        "safety": (N_("Keep unsold (safety)"), "quiet"),
    },
    "role": {
        "admin": (N_("Admin"), "warn"),
        "operator": (N_("Operator"), "busy"),
        "warehouse": (N_("Warehouse"), "ok"),
        "viewer": (N_("Viewer"), "quiet"),
    },
    "person": {
        "active": (N_("Active"), "ok"),
        "invited": (N_("Invited"), "busy"),
        "resting": (N_("Resting after wrong passwords"), "warn"),
        "off": (N_("Switched off"), "quiet"),
    },
    "key": {
        "active": (N_("Active"), "ok"),
        "expired": (N_("Expired"), "quiet"),
        "revoked": (N_("Revoked"), "quiet"),
    },
    "action": {
        "user.created": (N_("added a person"), "quiet"),
        "user.changed": (N_("changed a person"), "quiet"),
        "user.signed_in": (N_("signed in"), "quiet"),
        "user.password_set": (N_("set a password"), "quiet"),
        "user.link_made": (N_("made a sign-in link"), "quiet"),
        "user.rests": (N_("rests after wrong passwords"), "warn"),
        "item.saved": (N_("saved a SKU"), "quiet"),
        "kit.saved": (N_("saved a kit"), "quiet"),
        "warehouse.saved": (N_("saved a warehouse"), "quiet"),
        "listing.linked": (N_("linked a listing"), "quiet"),
        "hold.replayed": (N_("ran a hold again"), "quiet"),
        "dead.replayed": (N_("tried a dead letter again"), "quiet"),
        "stock.safety": (N_("changed safety stock"), "quiet"),
        "stock.healed": (N_("healed a drifted listing"), "quiet"),
        "stock.breaker": (N_("stopped a mass zeroing"), "warn"),
        "breaker.allowed": (N_("allowed zeros"), "warn"),
        "breaker.armed": (N_("armed the zero breaker"), "quiet"),
        "connection.added": (N_("added a connection"), "quiet"),
        "connection.paused": (N_("paused a connection"), "warn"),
        "connection.resumed": (N_("resumed a connection"), "quiet"),
        "stream.paused": (N_("paused a stream"), "warn"),
        "stream.resumed": (N_("resumed a stream"), "quiet"),
        "key.created": (N_("made an API key"), "quiet"),
        "key.revoked": (N_("revoked an API key"), "quiet"),
    },
}
"""Kind -> code -> (English text, tone). A code that is missing is shown as it is, quiet."""


def label(kind: str, code: str) -> str:
    """The English text of a code word (translate it where it is shown)."""
    return LABELS.get(kind, {}).get(code, (code, ""))[0]


def tone(kind: str, code: str) -> Tone:
    """The color of its badge."""
    return LABELS.get(kind, {}).get(code, ("", "quiet"))[1]
