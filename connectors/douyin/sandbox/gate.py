"""Who may call what: app key, signature on the very bytes, time, token, permission."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.douyin.sandbox.errors import DouyinError, bad_param
from connectors.kit.auth.signing import sign_douyin
from connectors.kit.practice.server import Request

SKEW_S = 600
LIFE = timedelta(days=7)
OPEN = "token.create"


class Gate:
    """The door of the platform for one app of one shop. `denied`: methods that the app may not call."""

    def __init__(self, app_key: str, secret: str, shop_id: str, clock: Callable[[], datetime]) -> None:
        self.app_key, self.secret, self.shop_id, self._clock = app_key, secret, shop_id, clock
        self.denied = set[str]()
        self.authorized = True
        self._issued, self._token, self._ends = 0, "", clock()

    def pass_in(self, request: Request) -> tuple[str, dict[str, Any]]:
        """(method, parameters) of a call that may go on. Raises DouyinError."""
        query = request.query
        method = query.get("method", "")
        if request.method != "POST" or request.path != f"/{method.replace('.', '/')}" or query.get("v") != "2":
            raise DouyinError(70000, "isp.api-service-off", "API不存在或API已下线")
        self._signed(query, request.body)
        if method != OPEN:
            self._known(query.get("access_token"))
        if method in self.denied:
            raise DouyinError(30001, "isv.app-permissions-insufficient", "应用无权限调用该接口，请先申请接口权限包")
        params: dict[str, Any] = json.loads(request.body)
        return method, params

    def _signed(self, query: Mapping[str, str], body: bytes) -> None:
        if query.get("app_key") != self.app_key:
            raise DouyinError(40003, "isv.app-id-invalid", "认证失败，app_key格式不正确")
        stamp = query.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) - self._clock().timestamp()) > SKEW_S:
            raise DouyinError(40003, "isv.timestamp-invalid", "时间戳不合法")
        sign = sign_douyin(self.secret, {**query, "param_json": body.decode()})
        if query.get("sign_method") != "hmac-sha256" or not hmac.compare_digest(query.get("sign", ""), sign):
            raise DouyinError(40003, "isv.signature-invalid", "签名校验失败")
        if json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() != body:
            raise DouyinError(40003, "isv.parameter-format-invalid", "业务参数json解析失败")

    def _known(self, token: str | None) -> None:
        if not token:
            raise DouyinError(40001, "isv.access-token-missing", "认证失败，access_token不能为空")
        if token != self._token:
            raise DouyinError(40003, "isv.access-token-no-existed", f"access_token不存在: {token}")
        if self._clock() >= self._ends:
            raise DouyinError(40003, "isv.access-token-expired", "access_token已过期")

    def create(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A token; the same one while it lasts. Raises DouyinError."""
        if params.get("grant_type") != "authorization_self" or params.get("code") != "":
            raise bad_param("grant_type")
        if params.get("shop_id") != self.shop_id or not self.authorized:
            raise DouyinError(
                50001, "dop.token-generate-failed:no-authorization", "店铺授权已失效，请重新引导商家完成店铺授权"
            )
        if not self._token or self._clock() >= self._ends - timedelta(hours=1):
            self.revoke()
            self._token, self._ends = self._made(), self._clock() + LIFE
        left = int((self._ends - self._clock()).total_seconds())
        return {
            "access_token": self._token, "expires_in": left, "scope": "SCOPE", "refresh_token": f"r{self._token}",
            "shop_id": int(self.shop_id), "shop_name": "Sandbox",
        }  # fmt: skip

    def revoke(self) -> None:
        """The token that was given is worth nothing any more."""
        self._token = ""
        self._issued += 1

    def _made(self) -> str:
        return hashlib.sha256(f"{self.secret}:{self._issued}".encode()).hexdigest()[:36]
