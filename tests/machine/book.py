"""The whole book of acts: importing its chapters writes them."""

from tests.machine import acts_orders, acts_stock, acts_work, acts_workers
from tests.machine.acts import BOOK, OFTEN, play, scripts

__all__ = ["BOOK", "OFTEN", "acts_orders", "acts_stock", "acts_work", "acts_workers", "play", "scripts"]
