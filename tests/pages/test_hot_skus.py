"""The overview tells which SKUs are hot and how their orders go, in both languages, and nothing once they are not."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from hub.store.tables import hot_skus
from tests.fixtures.pages import Web


def _notices(page: str) -> list[str]:
    """The words of the notices, without markup."""
    found = re.findall(r'<div class="notice busy">(.*?)</div>', page, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in found]


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", [("MUG-BLUE is hot: 31.5 % of the lines are for it",
                 "Its orders are added up in batches by all workers."),
                ("TEE-RED-M is hot: workers took its stock from each other",
                 "Its orders are taken in by one worker at a time; all others go on as usual.")]),
        ("zh", [("MUG-BLUE 是热点：订单行中有 31.5 % 是它", "含它的订单由所有工作进程按批合并处理。"),
                ("TEE-RED-M 是热点：多个工作进程互相抢占了它的库存",
                 "含它的订单每次只由一个工作进程接收，其他订单照常处理。")]),
    ],
)  # fmt: skip
def test_the_overview_tells_hot_skus(rooms: Web, language: str, texts: list[tuple[str, str]]) -> None:
    now = rooms.ctx.clock()
    row = {"since": now - timedelta(minutes=3), "until": now + timedelta(seconds=30), "permille": 0, "conflicts": 3}
    with rooms.ctx.db.write() as db:
        db.execute(hot_skus.insert().values(row | {"sku": "TEE-RED-M", "single_until": now + timedelta(seconds=30)}))
        db.execute(hot_skus.insert().values(row | {"sku": "MUG-BLUE", "permille": 315}))
        db.execute(hot_skus.insert().values(row | {"sku": "LAMP-OAK", "until": now}))
    told = _notices(rooms.as_role("admin").get("/overview/live", headers={"Accept-Language": language}).text)
    assert len(told) == 2
    for words, (why, way) in zip(told, texts, strict=True):
        assert words.startswith(why) and words.endswith(way)


def test_where_nothing_is_hot_nothing_is_told(rooms: Web) -> None:
    assert _notices(rooms.as_role("admin").get("/overview/live").text) == []
