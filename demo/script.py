"""The customers' and the faults' script: seeded, fixed, played against the sandboxes by a thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.goods import SCARCE, UNKNOWN, basket, shopper
from demo.world import Shop, World
from hub.ports.channel import Can

RATES = {
    "webhook_late": 0.02, "webhook_doubled": 0.03, "webhook_reordered": 0.03, "webhook_lost": 0.03,
    "rate_limited_429": 0.01, "server_error_500": 0.01, "timeout_after_effect": 0.01, "duplicate_file": 0.08,
    "corrupt_file": 0.06,
}  # fmt: skip
FORCED = (
    "webhook_late", "webhook_doubled", "webhook_reordered", "webhook_lost", "rate_limited_429", "server_error_500",
    "timeout_after_effect", "duplicate_file", "corrupt_file",
)  # fmt: skip
WEIGHTS = {"shopify": 5, "woocommerce": 4, "x12": 2}
"""How many customers a channel has beside others; 2 where nothing is said."""
LEAST = 3
"""Every kind of fault strikes at least so often in one run."""


@dataclass(slots=True)
class Script:
    """Places `total` orders at `per_s` a second, with edits, cancellations, stock edits by hand and outages between."""

    world: World
    seed: int
    total: int
    per_s: float
    placed: list[tuple[Shop, str, list[tuple[str, int]]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(f"script {self.seed}")  # noqa: S311 - a script, not a secret

    def play(self) -> None:
        """Place all orders (total 0: until stopped), then do what must happen at least so often."""
        faults = self.world.faults
        faults.rates.update(RATES)
        for kind in FORCED:
            faults.force(kind, LEAST)
        number = 0
        while not self.stopping.is_set() and (not self.total or number < self.total):
            self._one(number)
            number += 1
            self.stopping.wait(self._dice.expovariate(self.per_s))
        if self.total:
            self._complete()

    def _one(self, number: int) -> None:
        self._order(number)
        for every, act in ((9, self._edit), (11, self._cancel), (40, self._stock_by_hand), (110, self._outage)):
            if number % every == every - 1:
                act()

    def _order(self, number: int) -> None:
        shops = self.world.shops
        shop = self._dice.choices(shops, weights=[WEIGHTS.get(shop.sandbox.channel, 2) for shop in shops])[0]
        goods = basket(self._dice)
        if number % 25 < 3:  # a run on one scarce thing, from three shops at once
            shop = shops[(number // 25 * 3 + number % 25) % len(shops)]
            goods = [(SCARCE[(number // 25) % len(SCARCE)], 2)]
        elif shop.sandbox.channel == "woocommerce" and number % 60 == 13:
            goods.append((UNKNOWN, 1))
        self.placed.append((shop, shop.sandbox.place_order(shopper(self._dice), goods), goods))

    def _recent(self) -> tuple[Shop, str, list[tuple[str, int]]]:
        return self._dice.choice(self.placed[-12:])

    def _edit(self) -> bool:
        shop, ref, goods = self._recent()
        sku, quantity = self._dice.choice(goods)
        return shop.sandbox.edit_order(ref, sku, max(1, quantity + self._dice.choice((-1, 1, 2))))

    def _cancel(self) -> bool:
        shop, ref, _goods = self._recent()
        return shop.sandbox.cancel_order(ref)

    def _stock_by_hand(self) -> bool:
        shop = self._dice.choice([shop for shop in self.world.shops if shop.can(Can.READ_STOCK)])
        shop.sandbox.change_stock_by_hand(f"SKU-{self._dice.randrange(1, 21):03d}", self._dice.randrange(0, 500))
        return True

    def _outage(self) -> bool:
        self._dice.choice(self.world.shops).sandbox.outage(2.0)
        return True

    def _complete(self) -> None:
        """What chance left out: each kind at least `LEAST` times, outages at least once."""
        acts: dict[str, Callable[[], bool]] = {
            "order_edited": self._edit, "order_cancelled": self._cancel, "manual_stock_change": self._stock_by_hand,
            "outage": self._outage,
        }  # fmt: skip
        counts = self.world.faults.counts
        for kind, act in acts.items():
            while counts[kind] < LEAST and not self.stopping.is_set():
                act()
                time.sleep(0.05)
        while not self.stopping.is_set() and any(counts[kind] < LEAST for kind in FORCED):
            self._order(len(self.placed) + 1_000_000)
            self.stopping.wait(0.2)
