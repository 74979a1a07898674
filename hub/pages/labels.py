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
