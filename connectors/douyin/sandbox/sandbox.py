"""The running sandbox: server, shop, pushed messages and books in one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.douyin.sandbox.errors import DouyinError, good
from connectors.douyin.sandbox.gate import Gate
from connectors.douyin.sandbox.routes import Routes
from connectors.douyin.sandbox.shapes import seconds
from connectors.douyin.sandbox.shop import Order, Shop
from connectors.kit.auth.signing import sign_douyin_message
from connectors.kit.practice.deliverer import Deliverer, Delivery
from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.clock import utc_now

WRITES = frozenset({"/sku/syncStock", "/order/logisticsAddSinglePack"})
TRY, CREATED, CANCELLED, PAID, REFUND = 0, 100, 106, 110, 200
"""Tags of pushed messages."""


class DouyinSandbox(ShopSandbox):
    """One Douyin shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:      makes keys and faults repeatable.
        faults:    shared or scripted faults; none strike by default.
        warehouse: the merchant's code of a warehouse: SKUs are sold by region, from there.
        clock:     aware UTC now.
    """

    channel = "douyin"

    def __init__(
        self,
        seed: int = 0,
        faults: Faults | None = None,
        *,
        warehouse: str = "",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        faults = faults or Faults(seed)
        digest = hashlib.sha256(f"douyin:{seed}".encode()).hexdigest()
        self.shop, self._warehouse = Shop(clock, warehouse), warehouse
        self.gate = Gate(str(7 * 10**18 + seed), digest[:36], "77001", clock)
        self.routes = Routes(self.shop, self.gate, warehouse)
        self.deliverer, self._push_url = Deliverer(faults), ""
        super().__init__(faults, self.shop, self.deliverer)
        self.server = SandboxServer(
            self._answer,
            faults,
            is_write=lambda request: request.path in WRITES,
            throttle=_throttle,
            failure=_failure,
        )

    @property
    def settings(self) -> Mapping[str, str]:
        given = {"app_key": self.gate.app_key, "shop_id": self.gate.shop_id, "gateway_url": self.server.url}
        return given | {"calls_per_second": "200", "out_warehouse_id": self._warehouse}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"app_secret": self.gate.secret}

    def push_to(self, url: str) -> None:
        """A person enters the address of pushed messages in the console, which tries it."""
        self._push_url = url
        self._push(TRY, {})

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]]) -> str:
        order = self.shop.place(shopper, [(self.shop.by_code(sku), pieces) for sku, pieces in basket])
        self._ring(CREATED, order, create_time=seconds(order.created))
        self._ring(PAID, order, pay_time=seconds(order.created))
        return order.id

    def _edit(self, ref: str, sku: str, quantity: int) -> bool:
        """The platform itself edits no order; here customer service may, so that a change can be seen."""
        return self.shop.edit(self._order(ref), sku, quantity)

    def _cancel(self, ref: str) -> bool:
        order = self._order(ref)
        done = self.shop.cancel(order)
        if done:
            self._ring(CANCELLED, order, cancel_time=seconds(order.updated))
        return done

    def ask_refund(self, ref: str, sku: str) -> None:
        """The buyer asks for the money of a line that has not left."""
        self.shop.ask_refund(self._order(ref), sku)
        self._ring(REFUND, self._order(ref), apply_time=seconds(self._order(ref).updated))

    def refund_order(self, ref: str, sku: str) -> bool:
        """The money of a line goes back before it left; False where it is too late."""
        return self.shop.refund(self._order(ref), sku)

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.by_code(sku).stock = available

    def _order(self, ref: str) -> Order:
        return self.shop.orders[ref]

    def _do(self, request: Request) -> Reply:
        return good(self.routes.answer(*self.gate.pass_in(request)))

    def _ring(self, tag: int, order: Order, **times: int) -> None:
        about = {"p_id": int(order.id), "s_ids": [int(line.id) for line in order.lines]}
        self._push(tag, {**about, "shop_id": int(self.gate.shop_id), "order_status": order.state, **times})

    def _push(self, tag: int, data: Mapping[str, object]) -> None:
        """One message, signed; nothing where no address was entered."""
        if self._push_url:
            message = {"tag": tag, "msgId": f"{self.shop.new_id()}::{tag}:0", "data": data}
            body = json.dumps([message], separators=(",", ":")).encode()
            sign = sign_douyin_message(self.gate.app_key, self.gate.secret, body)
            headers = {"content-type": "application/json", "event-sign": sign, "app-id": self.gate.app_key}
            self.deliverer.send(Delivery(self._push_url, body, headers))


def _throttle() -> Reply:
    return DouyinError(60000, "isv.rate-limited", "触发限流，请稍后重试").reply()


def _failure() -> Reply:
    return DouyinError(20000, "dop.service-error", "服务不可用").reply(500)
