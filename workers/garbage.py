"""How a process that works in batches collects its garbage."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects made before the young ones are looked at: a batch of orders makes many, and hardly any in a circle."""


def settle_garbage() -> None:
    """Called once all is loaded: what is there by now stays as long as the process, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
