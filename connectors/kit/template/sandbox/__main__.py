"""A practice shop with three products and one order, until Ctrl-C.

It prints two lines for the shell that connects it.
"""

from __future__ import annotations

import contextlib
import threading

from connectors.kit.sandbox import ShopItem, Shopper

from .practice import PracticeShop

ITEMS = (
    ShopItem("MUG-RED", "Mug, red", "12.50", 40, "4006381333931"),
    ShopItem("MUG-BLUE", "Mug, blue", "12.50", 40),
    ShopItem("TEA-GREEN", "Green tea", "7.90", 300),
)
SHOPPER = Shopper("Renée Müller", "renee@example.com", "Hauptstraße 1", "Berlin", "BE", "10115", "DE")


def main() -> None:
    """Serve until somebody ends it."""
    shop = PracticeShop()
    shop.start()
    shop.stock_shelves(ITEMS)
    shop.place_order(SHOPPER, [("MUG-RED", 2)])
    print(f"export SHOP_URL={shop.server.url}\nexport SHOP_TOKEN={shop.secrets['token']}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    shop.stop()


if __name__ == "__main__":
    main()
