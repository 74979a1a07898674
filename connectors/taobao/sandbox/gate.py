"""Who may call what: app key, signature, time of Beijing, session, permission; and the session's renewal."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from connectors.kit.auth.signing import sign_top
from connectors.kit.practice.server import Request
from connectors.taobao.sandbox.errors import TopError, missing

CHINA = ZoneInfo("Asia/Shanghai")
SKEW_S = 600
RENEW = "taobao.top.auth.token.refresh"
SYSTEM = ("method", "app_key", "timestamp", "v", "sign_method", "sign")


def form_of(request: Request) -> dict[str, str]:
    """The form of a request."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def moment(text: str) -> datetime:
    """A time of Beijing. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).astimezone(UTC)


class Gate:
    """The door for one app and one shop. `denied`: methods that the app may not call."""

    def __init__(self, app_key: str, secret: str, refresh_token: str, clock: Callable[[], datetime]) -> None:
        self.app_key, self.secret, self.refresh_token, self._clock = app_key, secret, refresh_token, clock
        self.denied, self._issued = set[str](), 0
        self.session = self._made()

    def pass_in(self, request: Request) -> tuple[str, dict[str, str]]:
        """(method, form) of a call that may go on. Raises TopError."""
        if request.method != "POST" or request.path != "/router/rest":
            raise TopError(9, "Http Action Not Allowed")
        form = form_of(request)
        for name in SYSTEM:
            if not form.get(name):
                raise missing(name)
        self._signed(form)
        if form["method"] != RENEW:
            self._known(form)
        if form["method"] in self.denied:
            raise TopError(11, "Insufficient isv permissions", "isv.permission-api-package-limit", "应用没有权限")
        return form["method"], form

    def _signed(self, form: Mapping[str, str]) -> None:
        if form["app_key"] != self.app_key:
            raise TopError(29, "Invalid app Key", "isv.appkey-not-exists")
        if form["v"] != "2.0" or form.get("format") != "json" or form["sign_method"] not in {"md5", "hmac"}:
            raise TopError(43, "Parameter Error")
        try:
            skew = abs((moment(form["timestamp"]) - self._clock()).total_seconds())
        except ValueError:
            skew = SKEW_S + 1
        if skew > SKEW_S:
            raise TopError(31, "Invalid timestamp")
        if not hmac.compare_digest(form["sign"], sign_top(self.secret, form)):
            raise TopError(25, "Invalid signature")

    def _known(self, form: Mapping[str, str]) -> None:
        if not form.get("session"):
            raise TopError(26, "Missing session")
        if form["session"] != self.session:
            raise TopError(27, "Invalid session", "invalid-sessionkey", f"SessionKey非法: {form['session']}")

    def end_session(self) -> None:
        """The session that was given is worth nothing any more."""
        self._issued += 1
        self.session = self._made()

    def renew(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A new session for the refresh token. Raises TopError."""
        if form.get("refresh_token") != self.refresh_token:
            raise TopError(15, "Remote service error", "isv.refresh-token-invalid", "refresh_token已失效")
        told = {"access_token": self.session, "refresh_token": self.refresh_token, "expires_in": 31536000}
        return {"token_result": json.dumps(told)}

    def _made(self) -> str:
        return hashlib.sha256(f"{self.secret}:{self._issued}".encode()).hexdigest()[:50]
