"""The contract that every connector passes, by topic; `suite` puts it together, `plugin` tells pytest of it.

It ships with Stockline (extra `contract`), so that a connector in a package of its own is held to it too.
"""

import pytest

_PARTS = ("base", "claims", "orders", "passport", "refunds", "shipments", "stock", "webhooks")

pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in _PARTS),
)
