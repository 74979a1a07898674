"""Opens the REST API of one shop: address, credentials, pace, and the reading of its dirty values."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from requests.auth import AuthBase, HTTPBasicAuth

from connectors.kit.http import Api, http_or_https, https_or_loopback
from connectors.kit.limiter import Bucket
from connectors.kit.oauth1 import OAuth1
from connectors.kit.settings import calls_per_second
from connectors.kit.values import text_id
from connectors.woocommerce.spec import SPEC
from hub.canonical.errors import ChannelDown, InvariantBroken
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

PER_PAGE = 100


def open_api(connection: Connection) -> Api:
    """The API under `/wp-json`: Basic auth over https, OAuth 1.0a over http. Raises Misconfigured."""
    url = connection.settings.get("shop_url", "").strip().rstrip("/")
    key, secret = (connection.secrets.get(name, "").strip() for name in ("consumer_key", "consumer_secret"))
    if not key or not secret:
        unfit("consumer_key and consumer_secret must both be set", None)
    pace = calls_per_second(connection.settings, SPEC)
    plain = connection.settings.get("allow_http", "no") == "yes"
    return Api(
        f"{url}/wp-json",
        auth=_auth(url, key, secret),
        limiter=Bucket(pace, size=2 * pace),
        secrets=(key, secret),
        guard=http_or_https if plain else https_or_loopback,
        setting="shop_url",
    )


def _auth(url: str, key: str, secret: str) -> AuthBase:
    if url.lower().startswith("https:"):
        return HTTPBasicAuth(key.encode(), secret.encode())
    return OAuth1(key, secret)


def zone_of(settings: Mapping[str, str]) -> ZoneInfo:
    """The site's zone. Raises Misconfigured."""
    name = settings.get("zone") or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return unfit(f"zone = {name!r}: expected an IANA name such as Europe/Berlin", ZoneInfo("UTC"))


def pages(api: Api, path: str, params: Mapping[str, str]) -> Iterator[list[Mapping[str, Any]]]:
    """Every page of a list, sorted by id. Raises InvariantBroken where a page comes twice."""
    query = {"orderby": "id", "order": "asc", **params, "per_page": str(PER_PAGE)}
    number, before, total = 1, "", 1
    while number <= total:
        answer = api.call("GET", path, params=query | {"page": str(number)})
        found = rows(answer.data)
        fingerprint = ",".join(text_id(row.get("id")) for row in found)
        if found and fingerprint == before:
            raise InvariantBroken(f"{path}: page {number} is page {number - 1} again")
        yield found
        total = int(answer.headers.get("x-wp-totalpages") or 1) if found else 0
        number, before = number + 1, fingerprint


def rows(data: Any) -> list[Mapping[str, Any]]:
    """The objects of a list answer, also of one that a proxy wrapped in `data`. Raises ChannelDown."""
    if isinstance(data, Mapping) and isinstance(data.get("data"), list):
        data = data["data"]
    if not isinstance(data, list):
        raise ChannelDown("the shop sent something else than a list; is a caching plug-in in front of /wp-json?")
    return [row for row in data if isinstance(row, Mapping)]


def one(data: Any) -> Mapping[str, Any]:
    """The object of an answer, also of one wrapped in `data`. Raises ChannelDown."""
    if isinstance(data, Mapping) and isinstance(data.get("data"), Mapping) and "id" not in data:
        data = data["data"]
    if not isinstance(data, Mapping):
        raise ChannelDown("the shop sent something else than an object")
    return data


def label(value: Any) -> str | None:
    """A title without HTML entities."""
    return html.unescape(value).strip() or None if isinstance(value, str) else None
