"""The navigation: which pages there are, and which of them a role sees."""

from __future__ import annotations

from dataclasses import dataclass

from hub.pages.i18n import N_
from hub.rules.permissions import Permission, Principal


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. `area` is what a page calls itself; `tab`: it stands in the phone's bottom bar."""

    area: str
    text: str
    icon: str
    path: str
    permission: Permission
    tab: bool = False


MENU = (
    Entry("overview", N_("Overview"), "dashboard", "/", "overview.read", tab=True),
    Entry("orders", N_("Orders"), "shopping-cart", "/orders", "orders.read", tab=True),
    Entry("holds", N_("Holds"), "alert-triangle", "/holds", "holds.read", tab=True),
    Entry("stock", N_("Stock"), "packages", "/stock", "stock.read", tab=True),
    Entry("channels", N_("Channels"), "plug-connected", "/channels", "channels.read"),
    Entry("routing", N_("Routing"), "route", "/routing", "routing.read"),
    Entry("places", N_("Warehouse setup"), "map-pin", "/warehouses", "routing.read"),
    Entry("work", N_("Warehouse"), "building-warehouse", "/work", "picks.read"),
    Entry("pick", N_("Picking"), "scan", "/pick", "picks.read", tab=True),
    Entry("users", N_("Users & keys"), "users", "/users", "users.read"),
    Entry("system", N_("System"), "activity", "/system", "system.read"),
)


def menu_for(who: Principal | None, paths: frozenset[str]) -> list[Entry]:
    """What this person may open, of the pages that exist."""
    if who is None:
        return []
    return [entry for entry in MENU if entry.path in paths and who.may(entry.permission)]
