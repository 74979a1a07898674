"""A worker that has loaded all looks at it no more."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from workers.garbage import YOUNG, settle_garbage


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_frozen_and_young_objects_are_looked_at_in_large_lots() -> None:
    gc.unfreeze()
    settle_garbage()
    assert gc.get_freeze_count() > 1000
    assert gc.get_threshold() == (YOUNG, 20, 50)
