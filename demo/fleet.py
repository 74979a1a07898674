"""One shop of every channel that has a practice shop: twelve connections of one merchant."""

from __future__ import annotations

from connectors.amazon.sandbox import AmazonSandbox
from connectors.douyin.sandbox import DouyinSandbox
from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.practice.sandbox import Faults
from connectors.magento.sandbox import MagentoSandbox
from connectors.medusa.sandbox import MedusaSandbox
from connectors.mirakl.sandbox import MiraklSandbox
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from connectors.taobao.sandbox import TaobaoSandbox
from connectors.vendure.sandbox import VendureSandbox
from demo.world import THREE, Maker


def _paid_magento(seed: int, faults: Faults) -> MagentoSandbox:
    """Its orders come paid, as those of the other shops do: what is not paid waits for the money, not for us."""
    return MagentoSandbox(seed, faults, paid=True)


KNOWN_CARRIERS = ("DHL",)
"""Platforms with a list of carriers of their own refuse others: this one is on all of their lists."""


def _queued_amazon(seed: int, faults: Faults) -> AmazonSandbox:
    """A queue tells of its orders: Amazon allows one search in three minutes, and holds us to it here too."""
    return AmazonSandbox(seed, faults, queue=True, search_s=180)


FLEET: tuple[Maker, ...] = (
    *THREE, _paid_magento, MiraklSandbox, EbaySandbox, _queued_amazon, VendureSandbox, MedusaSandbox, TaobaoSandbox,
    DouyinSandbox, PinduoduoSandbox,
)  # fmt: skip
