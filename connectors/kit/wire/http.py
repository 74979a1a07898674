"""Speaks HTTP with a channel: time limits, retries, exact JSON, and one table from what happened to our errors."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from connectors.kit.wire.error_words import platform_words
from connectors.kit.wire.exact_json import dumps_exact, loads_exact
from connectors.kit.wire.limiter import Limiter
from connectors.kit.wire.rate_headers import retry_after, used_up
from hub import __version__
from hub.canonical.errors import (
    AuthFailed,
    ChannelDown,
    Misconfigured,
    NotFound,
    Rejected,
    Retryable,
    StocklineError,
    Throttled,
    TimedOut,
)
from hub.canonical.faults import unfit
from hub.canonical.loopback import is_loopback
from hub.canonical.told import told

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WORDS = 300
TRIES = 3
SHORT_WAIT_S = 2.0
TRY_FOR_S = 10.0
REDIRECTS = 3
HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?")
PLACE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]+)")
NAKED = re.compile(
    r"(((?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}|localhost|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?)(?:/.*)?", re.I
)
"""A host without a scheme; a secret that somebody typed for an address ends in no word as hosts do."""
SECRET_HEADER = re.compile(r"auth|token|secret|key|cookie|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the channel answered: status, headers (names in lower case), the bytes, and their JSON (None when empty)."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    data: Any = field(repr=False, default=None)


class Bearer(AuthBase):
    """Marks each request with a token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _NoAuth(AuthBase):
    """Adds nothing; its presence keeps `requests` from reading a .netrc file."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    """Looks at no redirect: `Api` follows them itself, and what stands there may be no address."""

    def resolve_redirects(self, *_args: Any, **_options: Any) -> Iterator[Any]:
        return iter(())


def https_or_loopback(url: str, setting: str = "address") -> None:
    """The default guard: an address that can be called, https only, http just for this machine.

    Args:   setting: where it was typed; the sentence names it.
    Raises: Misconfigured.
    """
    problem = _problem(url)
    if not problem and urlsplit(url).scheme != "https" and not is_loopback(url):
        problem = told("it is not https; enter the https address")
    _judge(url, setting, problem)


def http_or_https(url: str, setting: str = "address") -> None:
    """The guard where plain http is allowed: the same but for that. Raises Misconfigured."""
    _judge(url, setting, _problem(url))


def _judge(url: str, field: str, why: str) -> None:
    value = bare(re.sub("(?s)://.*@", "://", url))
    if why:
        unfit(told(f"{field} = {value!r}: {why}"), None)


def _problem(url: str) -> str:
    """Why this is no address that can be called; empty where it is one."""
    if "@" in url:
        return told("leave out what stands before the @: a user name or password has no place in an address")
    if any(char.isspace() or not char.isprintable() for char in url):
        return told("it holds a blank; expected an address such as https://shop.example")
    if "?" in url or "#" in url:
        return told("leave out what begins with ? or #; expected an address such as https://shop.example")
    if naked := NAKED.fullmatch(url):
        scheme = "http" if is_loopback(f"//{naked[1]}") else "https"
        return told(f"it lacks {scheme}:// at its beginning: write {scheme}://{naked[1]}")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return told("its host or port cannot be; expected an address such as https://shop.example")
    if port == 0 or parts.scheme not in {"http", "https"} or not (HOST.fullmatch(host) or ":" in host):
        return told("expected an address such as https://shop.example")
    return ""


def bare(url: str) -> str:
    """Scheme, host and port only: user names, paths and queries may hold secrets."""
    found, naked = PLACE.match(url), NAKED.fullmatch(url)
    if naked:
        return naked[1]
    return f"{found[1]}://{found[2].rpartition('@')[2]}" if found else "(no host)"


class Api:
    """One channel's HTTP interface.

    Args:
        base_url:        every `path` is appended to it.
        headers:         sent with every call; values of headers that look secret are scrubbed from messages.
        auth:            signs or marks each request (`requests` auth object).
        limiter:         asked before and told after every call.
        connect_timeout, read_timeout: seconds; the whole answer must be read within three read timeouts.
        max_body:        bytes; a longer answer counts as broken.
        secrets:         further words that never appear in a message.
        guard:           called with the address, and before each call with its scheme, host and port; raises
                         Misconfigured to forbid it.
        setting:         where the address was typed, for what the guard says.
        sleep, now:      for tests.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        auth: AuthBase | None = None,
        limiter: Limiter | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        max_body: int = 20_000_000,
        secrets: Iterable[str] = (),
        guard: Callable[[str, str], None] = https_or_loopback,
        setting: str = "address",
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        guard(base_url, setting)
        self._base, self._guard, self._setting = base_url.rstrip("/"), guard, setting
        self._timeout, self._max_body = (connect_timeout, read_timeout), max_body
        self._limiter, self._auth, self._sleep, self._now = limiter, auth or _NoAuth(), sleep, now
        self._session = _Session()
        self._session.trust_env = not is_loopback(base_url)
        self._session.headers.update({"User-Agent": f"Stockline/{__version__}", "Accept": "application/json"})
        self._session.headers.update(headers or {})
        hidden = [value for name, value in (headers or {}).items() if SECRET_HEADER.search(name)]
        self._hidden = tuple(sorted({word for text in (*hidden, *secrets) for word in _words(text)}, key=len)[::-1])

    def __repr__(self) -> str:
        return f"Api({bare(self._base)})"

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        retry: bool | None = None,
        accept: Collection[int] = (),
        cost: float = 1.0,
    ) -> Answer:
        """Make one call and give its answer (any 2xx, or a status in `accept`).

        Args:
            retry:   True: this write carries a key of its own, repeat it here; False: never; None: only safe methods.
            timeout: read timeout of this call, in seconds.
            cost:    points for the limiter.
        Raises: AuthFailed 401, 403 · NotFound 404, 410 · Throttled 408, 425, 429 · ChannelDown 5xx, no connection,
                and silence or a broken answer on a safe method · TimedOut the same on a write (it may have
                happened) · Misconfigured a redirect to elsewhere · Rejected any other 4xx, with the platform's words.
        """
        body = dumps_exact(json) if json is not None else data
        sent = dict(headers or {}) | ({"Content-Type": "application/json"} if json is not None else {})
        request = requests.Request(method.upper(), self._base + path, headers=sent, params=params, data=body)

        def once() -> Answer:
            return self._once(request, timeout, accept, cost)

        again = method.upper() in SAFE if retry is None else retry
        return self._retrying()(once) if again else once()

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception(_worth_a_short_wait),
            stop=stop_after_attempt(TRIES) | stop_after_delay(TRY_FOR_S),
            wait=_short_wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _once(self, request: requests.Request, timeout: float | None, accept: Collection[int], cost: float) -> Answer:
        if self._limiter:
            self._limiter.take(cost)
        answer = self._exchange(request, timeout, accept)
        if self._limiter and (wait := used_up(answer.headers, self._now())):
            self._limiter.closed(wait)
        if not 200 <= answer.status < 300 and answer.status not in accept:
            raise self._error(request, answer)
        return answer

    def _exchange(self, request: requests.Request, timeout: float | None, accept: Collection[int]) -> Answer:
        """Send, follow redirects on the same host for safe methods, read the body within its limits."""
        what = f"{request.method} {urlsplit(request.url).path}"
        limit = (self._timeout[0], timeout or self._timeout[1])
        with self._silence_as_error(str(request.method), what):
            response = self._send(request, limit)
            with contextlib.closing(response):
                body = self._read(response, limit[1])
        return self._decoded(request, what, response, body, accept)

    def _send(self, request: requests.Request, limit: tuple[float, float]) -> requests.Response:
        url, params = str(request.url), request.params
        for _ in range(REDIRECTS + 1):
            self._guard("://".join(urlsplit(url)[:2]), self._setting)
            response = self._session.request(
                str(request.method), url, params=params, data=request.data, headers=request.headers, auth=self._auth,
                timeout=limit, allow_redirects=False, stream=True,
            )  # fmt: skip
            if not response.is_redirect:
                return response
            url, params = self._redirected(request, url, response), {}
        raise Misconfigured(f"{bare(url)} redirects in circles; enter the shop's final address")

    def _redirected(self, request: requests.Request, url: str, response: requests.Response) -> str:
        response.close()
        try:
            target = urljoin(url, response.headers["location"])
            elsewhere = urlsplit(target)[:2] != urlsplit(url)[:2]
        except ValueError:
            raise urllib3.exceptions.LocationParseError("it redirects to no address") from None
        if request.method not in SAFE or elsewhere:
            raise Misconfigured(f"{bare(url)} redirects to {bare(target)}; enter the address it redirects to")
        return target

    def _read(self, response: requests.Response, read_timeout: float) -> bytes:
        deadline, parts, size = time.monotonic() + 3 * read_timeout, list[bytes](), 0
        while part := response.raw.read1(65_536, decode_content=True):
            size += len(part)
            parts.append(part)
            if size > self._max_body:
                raise urllib3.exceptions.HTTPError(f"it is longer than {self._max_body} bytes")
            if time.monotonic() > deadline:
                raise urllib3.exceptions.HTTPError("it came too slowly")
        return b"".join(parts)

    @contextlib.contextmanager
    def _silence_as_error(self, method: str, what: str) -> Iterator[None]:
        """Turn what the wire did into our errors; the library's words are dropped, they may hold keys."""
        unknown = ChannelDown if method in SAFE else TimedOut
        host = bare(self._base)
        try:
            yield
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError):
            raise ChannelDown(f"{host} cannot be reached ({what})") from None
        except requests.exceptions.ConnectionError as error:
            refused = isinstance(_reason(error), urllib3.exceptions.NewConnectionError)
            made = ChannelDown if refused else unknown
            raise made(f"{host} {'cannot be reached' if refused else 'broke the connection'} ({what})") from None
        except requests.exceptions.Timeout:
            raise unknown(f"{host} did not answer in time ({what})") from None
        except requests.exceptions.RequestException as error:
            raise Misconfigured(f"{host} cannot be asked ({what}): {type(error).__name__}") from None
        except urllib3.exceptions.HTTPError as error:
            raise unknown(f"{host} sent a broken answer ({what}): {type(error).__name__}") from None

    def _decoded(
        self, request: requests.Request, what: str, response: requests.Response, body: bytes, accept: Collection[int]
    ) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(response.status_code, headers, body)
        if not body.strip():
            return answer
        try:
            return Answer(answer.status, headers, body, loads_exact(body))
        except ValueError:
            if not 200 <= answer.status < 300 or answer.status in accept:
                return answer
            made = ChannelDown if request.method in SAFE else TimedOut
            raise made(f"{bare(self._base)} sent a broken answer ({what}): not JSON") from None

    def _error(self, request: requests.Request, answer: Answer) -> StocklineError:
        """The table: HTTP status -> error."""
        status, wait = answer.status, retry_after(answer.headers, self._now())
        said = self.scrubbed(platform_words(answer.data, answer.body))
        message = f"{request.method} {urlsplit(str(request.url)).path} gave {status}" + (f": {said}" if said else "")
        if status in {401, 403}:
            return AuthFailed(message)
        if status in {404, 410}:
            return NotFound(message)
        if status in {408, 425, 429}:
            if self._limiter:
                self._limiter.throttled(wait)
            return Throttled(message, retry_after=wait)
        if status >= 500:
            return ChannelDown(message, retry_after=wait)
        return Rejected(message)

    def hide(self, secret: str) -> None:
        """From now on this word appears in no message either."""
        self._hidden = tuple(sorted({*self._hidden, *_words(secret)}, key=len)[::-1])

    def scrubbed(self, text: str) -> str:
        """`text` in one line, at most 300 characters, with every secret we know replaced by ***."""
        for word in self._hidden:
            text = text.replace(word, "***")
        return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text).split())[:WORDS]


def _words(header_value: str) -> list[str]:
    """What to hide of a secret header: the whole value, and what stands behind `Bearer ` and the like."""
    return [word for word in {header_value, header_value.rpartition(" ")[2]} if len(word) >= 4]


def _reason(error: requests.exceptions.ConnectionError) -> object:
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)


def _worth_a_short_wait(error: BaseException) -> bool:
    if not isinstance(error, Retryable):
        return False
    if isinstance(error, Throttled) and error.retry_after is None:
        return False
    return (error.retry_after or 0.0) <= SHORT_WAIT_S


_backoff = wait_random_exponential(multiplier=0.1, max=SHORT_WAIT_S)


def _short_wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Retryable) else None
    return asked if asked is not None else _backoff(state)
