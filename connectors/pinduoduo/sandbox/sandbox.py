"""The running sandbox: server, signature, shop and books in one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

from connectors.kit.auth.signing import sign_top
from connectors.kit.practice.sandbox import Faults, Shopper
from connectors.kit.practice.server import Reply, Request, SandboxServer
from connectors.kit.practice.shop import ShopSandbox
from connectors.pinduoduo.sandbox.calls import RENEW, WRITES, Calls, moment
from connectors.pinduoduo.sandbox.errors import PddError, invalid
from connectors.pinduoduo.sandbox.shop import PAID_BACK, Shop
from hub.canonical.times import iso
from hub.ports.clock import utc_now

COMMON = frozenset({"type", "client_id", "data_type", "timestamp", "access_token", "sign"})
SKEW = timedelta(minutes=10)


class PinduoduoSandbox(ShopSandbox):
    """One shop on 127.0.0.1 (meets `connectors.kit.practice.sandbox.Sandbox`).

    Args:
        seed:   makes keys and faults repeatable.
        faults: shared or scripted faults; none strike by default.
        clock:  aware UTC now.
    """

    channel = "pinduoduo"

    def __init__(self, seed: int = 0, faults: Faults | None = None, *, clock: Callable[[], datetime] = utc_now) -> None:
        keys = [hashlib.sha256(f"pinduoduo:{seed}:{name}".encode()).hexdigest() for name in ("s", "t", "r")]
        self._secret, self.token, self._refresh = self._keys = keys
        self._opened = clock() - timedelta(minutes=20)
        self.shop = Shop(clock)
        super().__init__(faults or Faults(seed), self.shop)
        self.calls = Calls(self.shop)
        self.server = SandboxServer(self._answer, self.faults, is_write=_is_write, throttle=_throttle, failure=_failure)

    @property
    def settings(self) -> Mapping[str, str]:
        """In real life a pull ends minutes behind now, and the first one reads three months."""
        return {
            "gateway_url": self.server.url, "client_id": "client1", "behind_s": "0", "calls_per_second": "500",
            "orders_since": iso(self._opened),
        }  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        """The first tokens, which may be over meanwhile."""
        return dict(zip(("client_secret", "access_token", "refresh_token"), self._keys, strict=True))

    def place_order(self, shopper: Shopper, basket: Sequence[tuple[str, int]], *, risk: int = 0) -> str:
        return self.shop.place(shopper, basket, risk).sn

    def _cancel(self, ref: str) -> bool:
        return self.shop.pay_back(self.shop.order(ref))

    def refund_order(self, ref: str, amount: Decimal) -> None:
        """Money back for what was sent."""
        self.shop.change(self.shop.order(ref), refund=PAID_BACK, after_sales=10, back=amount)

    def _set_by_hand(self, sku: str, available: int) -> None:
        self.shop.by_outer_id(sku).quantity = available

    def expire_token(self) -> None:
        """The access token is over; the refresh token gives another one, once."""
        self.token = hashlib.sha256(self.token.encode()).hexdigest()

    def _do(self, request: Request) -> Reply:
        form = self._signed(request)
        asked = {name: value for name, value in form.items() if name not in COMMON}
        if form["type"] == RENEW:
            return self._renewed(asked)
        if form.get("access_token") != self.token:
            raise PddError(10019, "access_token已过期")
        return Reply.json(self.calls.answer(form["type"], asked))

    def _signed(self, request: Request) -> dict[str, str]:
        """The form of a call that is signed well and in time. Raises PddError."""
        if (request.method, request.path) != ("POST", "/api/router"):
            raise PddError(10017, "not found", 404)
        pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        if len(form) != len(pairs) or not {"type", "client_id", "timestamp", "sign"} <= form.keys():
            raise invalid("公共参数")
        if form["client_id"] != "client1":
            raise PddError(10016, "client_id不正确")
        if form.get("data_type") != "JSON":
            raise invalid("data_type")
        if not hmac.compare_digest(form["sign"].encode(), sign_top(self._secret, form).encode()):
            raise PddError(20004, "签名sign校验失败")
        if abs(self.shop.now() - moment(form["timestamp"])) > SKEW:
            raise invalid("timestamp")
        return form

    def _renewed(self, asked: Mapping[str, str]) -> Reply:
        if asked != {"refresh_token": self._refresh}:
            raise PddError(10019, "refresh_token已过期")
        self._refresh = hashlib.sha256(self._refresh.encode()).hexdigest()
        token = {
            "access_token": self.token, "refresh_token": self._refresh, "expires_in": 86_400, "owner_id": "1",
            "owner_name": "sandbox",
        }  # fmt: skip
        return Reply.json({"pop_auth_token_refresh_response": token})


def _is_write(request: Request) -> bool:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"))).get("type") in WRITES


def _throttle() -> Reply:
    return PddError(70031, "调用过于频繁, 请调整调用频率").reply()


def _failure() -> Reply:
    return PddError(50000, "系统内部错误", 500).reply()
