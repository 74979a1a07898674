"""Webhooks go where a person sent them, else below the public address, but to no shop that cannot reach it."""

from __future__ import annotations

import pytest

from hub.rules.callbacks import registers_at

OURS, HERE = "https://hub.example/webhooks/a", "http://localhost:8000/webhooks/a"
OTHER = "https://other.example/a"
FOLLOWING = {"callback_url": OTHER, "callback_follows": "yes"}
PRACTICE = {"shop_url": "http://127.0.0.1:9000"}


@pytest.mark.parametrize(
    ("settings", "public", "goes"),
    [
        pytest.param({}, "", "", id="no address at all"),
        pytest.param({}, OURS, OURS, id="the public one at first"),
        pytest.param({"callback_url": OTHER}, OURS, OTHER, id="a person named another"),
        pytest.param(FOLLOWING, OURS, OURS, id="the public one has changed"),
        pytest.param(FOLLOWING, "", OTHER, id="the public one is not set any more"),
        pytest.param({"shop_url": "https://shop.example"}, HERE, "", id="no shop elsewhere reaches this machine"),
        pytest.param(PRACTICE, HERE, HERE, id="one on this machine does"),
        pytest.param({**FOLLOWING, "callback_url": HERE}, HERE, HERE, id="what is kept already is looked after"),
        pytest.param({**FOLLOWING, "callback_url": HERE}, OURS, OURS, id="and moves once it can be reached"),
    ],
)
def test_where_webhooks_go(settings: dict[str, str], public: str, goes: str) -> None:
    assert registers_at(settings, public) == goes
