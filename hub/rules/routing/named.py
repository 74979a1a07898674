"""The strategies that come in the box, as the data that a ruleset is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.errors import NotFound
from hub.rules.routing.policies import CRITERIA
from hub.rules.routing.ruleset import Ruleset

DEFAULT_COSTS: Mapping[str, Any] = {"estimate": {"base": "5.00", "per_unit": "0.50", "per_km": "0.002"}}
"""Where no carrier rates are known: 5.00 a parcel, 0.50 a piece, 0.20 for each 100 km."""

NAMED: Mapping[str, Mapping[str, Any]] = {
    "default": {
        "strategies": [
            {"name": "default", "criteria": list(CRITERIA)},
        ],
    },
    "cheapest": {
        "strategies": [
            {"name": "cheapest", "search": "cheapest", "objective": {**DEFAULT_COSTS, "weights": {"scarcity": 0}}},
        ],
    },
    "fewest_parcels": {
        "strategies": [
            {"name": "fewest_parcels", "split": "fewest",
             "criteria": ["fewest_parcels", "full_day", "distance", "priority"]},
        ],
    },
    "nearest": {
        "strategies": [{"name": "nearest", "search": "walk", "criteria": ["distance", "priority"]}],
    },
    "priority_list": {
        "strategies": [{"name": "priority_list", "search": "walk", "criteria": ["priority"]}],
    },
    "magento_priority": {
        "strategies": [
            {"name": "magento_priority", "search": "walk", "criteria": ["priority"], "leftover": {"partial": True},
             "split": {"keep_together": False}},
        ],
    },
    "magento_distance": {
        "strategies": [
            {"name": "magento_distance", "search": "walk", "criteria": ["distance", "priority"],
             "leftover": {"partial": True}, "split": {"keep_together": False}},
        ],
    },
    "bid_price": {
        "strategies": [
            {"name": "bid_price", "search": "cheapest", "objective": {**DEFAULT_COSTS, "split": "0.50"}},
        ],
        "improve": 2000,
    },
}  # fmt: skip
"""Ready-made rulesets. cheapest looks at the order alone, bid_price also at what a piece is worth to orders to come.
magento_priority, magento_distance: the answers of Adobe Commerce's two source selection algorithms: sources one after
the other, each gives what it has, what is missing stays open."""


def named(name: str, version: int = 1) -> Ruleset:
    """A ready-made ruleset. Raises NotFound: no such name; the message lists them."""
    if name not in NAMED:
        raise NotFound(f"there is no ready-made ruleset {name!r}; use one of {', '.join(NAMED)}")
    return Ruleset.from_dict({"version": version, "name": name, **NAMED[name]})
