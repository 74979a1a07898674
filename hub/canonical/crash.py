"""What is said of an error that nobody expected."""

from __future__ import annotations

import traceback


def crash_words(error: BaseException) -> str:
    """Kind, words and place of such an error: `KeyError: 'orders', at /srv/shop/orders.py:50`."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f", at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{at}"
