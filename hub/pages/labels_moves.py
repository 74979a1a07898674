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
    "transfer": {
        "draft": (N_("Draft"), "quiet"),
        "ready": (N_("Reserved"), "busy"),
        "in_transit": (N_("On its way"), "busy"),
        "received": (N_("Received"), "ok"),
        "cancelled": (N_("Cancelled"), "quiet"),
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
