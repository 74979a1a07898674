"""Opens the REST API of one shop: address, credentials, pace, and the reading of its dirty values."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from requests.auth import HTTPBasicAuth

from connectors.kit.http import Api, http_or_https, https_or_loopback
from connectors.kit.oauth1 import OAuth1
from connectors.kit.opening import shop_api
from connectors.kit.paging import numbered_rows, only
from connectors.kit.settings import given
from connectors.kit.values import Row, inside, rows_of
from connectors.woocommerce.spec import SPEC
from hub.canonical.errors import ChannelDown
from hub.ports.channel import Connection

PER_PAGE = 100


def open_api(connection: Connection) -> Api:
    """The API under `/wp-json`: Basic auth over https, OAuth 1.0a over http. Raises Misconfigured."""
    url, key, secret, plain = given(connection, SPEC, "shop_url", "consumer_key", "consumer_secret", "allow_http")
    basic = HTTPBasicAuth(key.encode(), secret.encode())
    auth = basic if url.lower().startswith("https:") else OAuth1(key, secret)
    guard = http_or_https if plain == "yes" else https_or_loopback
    return shop_api(connection, SPEC, "/wp-json", auth=auth, guard=guard)


def every(api: Api, path: str, params: Mapping[str, str]) -> Iterator[Row]:
    """Every row of a list, sorted by id. Raises InvariantBroken where a page comes twice."""
    query = {"orderby": "id", "order": "asc", **params, "per_page": str(PER_PAGE)}

    def ask(number: int) -> tuple[list[Row], bool]:
        answer = api.call("GET", path, params=query | {"page": str(number)})
        found = rows(answer.data)
        return found, bool(found) and number < int(answer.headers.get("x-wp-totalpages") or 1)

    return numbered_rows(ask, path)


def rows(data: Any) -> list[Row]:
    """The objects of a list answer, also of one that a proxy wrapped in `data`. Raises ChannelDown."""
    found = data if isinstance(data, list) else inside(data, "data")
    if not isinstance(found, list):
        raise ChannelDown("the shop sent something else than a list; is a caching plug-in in front of /wp-json?")
    return rows_of(found)


def one(data: Any) -> Row:
    """The object of an answer, also of one wrapped in `data`. Raises ChannelDown."""
    wrapped = isinstance(inside(data, "data"), Mapping) and "id" not in data
    return only(data, "data" if wrapped else "")


def label(value: Any) -> str | None:
    """A title without HTML entities."""
    return html.unescape(value).strip() or None if isinstance(value, str) else None
