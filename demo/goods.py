"""What the demo sells, where it lies, and who buys it: fixed tables, seeded choices."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.kit.practice.sandbox import ShopItem, Shopper

ACTOR = "demo"
PREFIX = "demo-"

WAREHOUSES: tuple[Mapping[str, object], ...] = (
    {"code": "SZX", "title": "深圳仓 Shenzhen", "country": "CN", "city": "深圳", "region": "广东", "priority": 1},
    {"code": "RTM", "title": "Rotterdam", "country": "NL", "city": "Rotterdam", "postal_code": "3011", "priority": 1},
    {"code": "DFW", "title": "Dallas", "country": "US", "city": "Dallas", "region": "TX", "postal_code": "75201",
     "priority": 1},
)  # fmt: skip

ZONES = "country,zone\nCN,asia\nNL,europe\nDE,europe\nFR,europe\nGB,europe\nUS,america\n*,world\n"
"""Where addresses are, for the prices of parcels."""
RATES = "carrier,warehouse,zone,up_to_kg,price\n" + "".join(
    f"DHL,{place},{zone},{kg},{price}\n"
    for place, zone, small, large in (
        ("SZX", "asia", "2.40", "9.80"), ("SZX", "europe", "14.50", "61.00"), ("SZX", "america", "16.20", "68.00"),
        ("SZX", "world", "19.00", "79.00"), ("RTM", "europe", "4.90", "11.90"), ("RTM", "america", "12.80", "54.00"),
        ("RTM", "asia", "15.10", "63.00"), ("RTM", "world", "17.00", "71.00"), ("DFW", "america", "5.60", "14.20"),
        ("DFW", "europe", "13.90", "58.00"), ("DFW", "asia", "16.60", "70.00"), ("DFW", "world", "18.00", "75.00"),
    )
    for kg, price in ((2, small), (31, large))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Good:
    """One SKU and its stock per warehouse (in the order of `WAREHOUSES`)."""

    sku: str
    title: str
    price: str
    barcode: str
    stock: tuple[int, int, int]


_NAMES = (
    "Enamel mug", "Linen apron", "Desk lamp", "Wool socks", "Tea tin 茶罐", "Notebook A5", "Bike bell", "Cork board",
    "Steel bottle", "Canvas tote", "Chopsticks 筷子", "Rain jacket", "Garden twine", "Pocket knife", "Beeswax candle",
    "Oak tray", "Clay pot", "Soap bar", "Travel plug", "Bamboo fan 竹扇",
)  # fmt: skip
SCARCE = ("SCARCE-1", "SCARCE-2", "SCARCE-3", "SCARCE-4")
KITS: Mapping[str, Mapping[str, int]] = {
    "KIT-TEA": {"SKU-005": 1, "SKU-001": 2},
    "KIT-DESK": {"SKU-003": 1, "SKU-006": 2, "SCARCE-4": 1},
}
UNKNOWN = "MYSTERY-9"
"""Sold by one shop, known to nobody: its orders are held until somebody links it."""


def goods(more: int = 0) -> tuple[Good, ...]:
    """The plain SKUs; the scarce ones have far fewer pieces than customers want.

    more: pieces of each plain thing that every warehouse has beside the usual ones, where many customers come.
    """
    plain = [
        Good(
            f"SKU-{n:03d}",
            name,
            f"{5 + n}.{(n * 37) % 100:02d}",
            f"69010000{n:05d}",
            (120 + n + more, 90 + more, 60 + 2 * n + more),
        )
        for n, name in enumerate(_NAMES, 1)
    ]
    few = [
        Good(sku, f"Limited print {sku[-1]} 限量版画", "49.00", f"69020000{n:05d}", (7, 5 + n, 4))
        for n, sku in enumerate(SCARCE, 1)
    ]
    return (*plain, *few)


def shelves(numbers: Mapping[str, int]) -> list[ShopItem]:
    """Every SKU and kit as a shop shows it, with the number that it may sell at first."""
    found = [ShopItem(g.sku, g.title, g.price, numbers.get(g.sku, 0), g.barcode) for g in goods()]
    found += [ShopItem(sku, f"Set {sku}", "39.90", numbers.get(sku, 0)) for sku in KITS]
    return found


_PEOPLE = (
    ("Ada Fontaine", "12 Rue du Bac", "Paris", "", "75007", "FR"),
    ("王小明", "科技园路 8 号", "深圳", "广东", "518057", "CN"),
    ("Jonas Weber", "Torstr. 99", "Berlin", "", "10119", "DE"),
    ("Maria Lopez", "200 Elm St", "Austin", "TX", "78701", "US"),
    ("李娜", "南京西路 1266 号", "上海", "上海", "200040", "CN"),
    ("Sam O'Neil", "5 Pine Ave", "Chicago", "IL", "60601", "US"),
    ("Eva Jansen", "Damrak 70", "Amsterdam", "", "1012", "NL"),
    ("Ben Carter", "77 Bay Rd", "San Francisco", "CA", "94105", "US"),
)


def shopper(dice: random.Random) -> Shopper:
    """Somebody who orders."""
    name, line, city, region, code, country = dice.choice(_PEOPLE)
    return Shopper(name, f"buyer{dice.randrange(10_000)}@example.com", line, city, region, code, country)


def basket(dice: random.Random) -> list[tuple[str, int]]:
    """One to three things; every fifth basket holds a scarce one, every tenth a kit."""
    skus = {f"SKU-{dice.randrange(1, len(_NAMES) + 1):03d}" for _ in range(dice.randrange(1, 4))}
    if dice.random() < 0.2:
        skus.add(dice.choice(SCARCE))
    if dice.random() < 0.1:
        skus.add(dice.choice(sorted(KITS)))
    return [(sku, dice.randrange(1, 4)) for sku in sorted(skus)]
