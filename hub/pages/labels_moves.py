"""The code words of moving and counting stock, and what people read for them."""

from __future__ import annotations

from hub.pages.i18n import N_

MOVES: dict[str, dict[str, tuple[str, str]]] = {
    "sell_mode": {
        "stock": (N_("What is in stock"), "quiet"),
        "backorder": (N_("Backorder"), "busy"),
        "presale": (N_("Presale"), "busy"),
    },
    "pool_mode": {
        "shared": (N_("Shared with all"), "quiet"),
        "exclusive": (N_("Its own pieces"), "quiet"),
        "ratio": (N_("A share"), "quiet"),
    },
    "stock_source": {
        "computed": (N_("computed from movements"), "quiet"),
        "counted": (N_("counted"), "ok"),
        "imported": (N_("imported"), "quiet"),
        "unknown": (N_("unknown"), "warn"),
    },
    "proposal": {
        "open": (N_("Open"), "busy"),
        "accepted": (N_("Accepted"), "ok"),
        "dismissed": (N_("Dismissed"), "quiet"),
        "outdated": (N_("No longer needed"), "quiet"),
    },
    "proposal_kind": {
        "transfer": (N_("Move"), "quiet"),
        "purchase": (N_("Buy"), "quiet"),
    },
    "weekday": {
        "mon": (N_("Monday"), "quiet"),
        "tue": (N_("Tuesday"), "quiet"),
        "wed": (N_("Wednesday"), "quiet"),
        "thu": (N_("Thursday"), "quiet"),
        "fri": (N_("Friday"), "quiet"),
        "sat": (N_("Saturday"), "quiet"),
        "sun": (N_("Sunday"), "quiet"),
    },
    "asks_from": {
        "never": (N_("never"), "quiet"),
        "picked": (N_("once it is being picked"), "quiet"),
        "packed": (N_("once it is packed"), "quiet"),
    },
    "import": {
        "preview": (N_("Not applied yet"), "busy"),
        "applied": (N_("Applied"), "ok"),
        "cancelled": (N_("Thrown away"), "quiet"),
    },
    "import_row": {
        "problem": (N_("Problem"), "bad"),
        "changed": (N_("Changes"), "busy"),
        "new": (N_("New"), "ok"),
        "same": (N_("Stays"), "quiet"),
    },
    "transfer": {
        "draft": (N_("Draft"), "quiet"),
        "ready": (N_("Reserved"), "busy"),
        "in_transit": (N_("On its way"), "busy"),
        "received": (N_("Received"), "ok"),
        "cancelled": (N_("Cancelled"), "quiet"),
    },
    "expected": {
        "open": (N_("Expected"), "busy"),
        "received": (N_("Done"), "ok"),
    },
    "lies": {
        "free": (N_("Free"), "quiet"),
        "damaged": (N_("Damaged"), "quiet"),
        "quality hold": (N_("Quality hold"), "quiet"),
    },
    "field": {
        "pieces": (N_("Pieces"), "quiet"),
        "units": (N_("Pieces"), "quiet"),
        "counted": (N_("Pieces"), "quiet"),
        "safety": (N_("Kept unsold"), "quiet"),
        "whole": (N_("Whole"), "quiet"),
        "change": (N_("What"), "quiet"),
        "mode": (N_("Mode"), "quiet"),
        "expires_on": (N_("Last good day"), "quiet"),
        "available_on": (N_("Promised day"), "quiet"),
        "due_on": (N_("Due on"), "quiet"),
    },
    "count": {
        "open": (N_("Being counted"), "busy"),
        "submitted": (N_("To be approved"), "warn"),
        "approved": (N_("Approved"), "ok"),
        "rejected": (N_("Thrown away"), "quiet"),
    },
    "count_kind": {
        "cycle": (N_("Some shelves"), "quiet"),
        "stocktake": (N_("Whole warehouse"), "quiet"),
    },
}
"""Kind -> code -> (English text, tone), as in labels.py."""

LEDGER_REASONS = (
    N_("routed"), N_("shipped"), N_("safety"), N_("counted"), N_("cancelled"), N_("not paid in time"),
    N_("amended by the channel"), N_("refused: short of stock"), N_("read again with today's catalog"),
    N_("found by the audit"), N_("kept without an end"), N_("opening stock"),
)  # fmt: skip
"""What the hub itself writes into the ledger as its reason; `said_reason` says them."""
