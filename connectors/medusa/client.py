"""Opens the admin API of one Medusa server: address, secret key, pace, and its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from requests.auth import HTTPBasicAuth

from connectors.kit.feed import offset_pages
from connectors.kit.http import Api
from connectors.kit.limiter import Bucket
from connectors.kit.settings import calls_per_second
from connectors.medusa.spec import SPEC
from hub.canonical.errors import ChannelDown
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

PAGE_SIZE = 100
Row = Mapping[str, Any]


def open_api(connection: Connection) -> Api:
    """The API under `/admin`, with the secret key as the user name of Basic. Raises Misconfigured."""
    key = connection.secrets.get("api_key", "").strip()
    if not key:
        unfit("api_key must be set: Settings > Developer > Secret API Keys makes one", None)
    url = connection.settings.get("shop_url", "").strip().rstrip("/")
    pace = calls_per_second(connection.settings, SPEC)
    bucket = Bucket(pace, size=2 * pace)
    return Api(f"{url}/admin", auth=HTTPBasicAuth(key.encode(), b""), limiter=bucket, secrets=[key], setting="shop_url")


def listed(api: Api, path: str, name: str, query: Mapping[str, str]) -> tuple[list[Row], int]:
    """(rows, how many there are in all) of one page. Raises ChannelDown."""
    data = api.call("GET", path, params=query).data
    found = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(found, list) or not isinstance(data.get("count"), int):
        raise ChannelDown(f"/admin{path}: the server sent something else than a list of {name}")
    return [row for row in found if isinstance(row, Mapping)], data["count"]


def every(api: Api, path: str, name: str, query: Mapping[str, str]) -> Iterator[Sequence[Row]]:
    """Every page of a list, by id. Raises InvariantBroken where a page comes twice."""

    def ask(offset: int) -> tuple[list[Row], int]:
        paging = {"order": "id", "limit": str(PAGE_SIZE), "offset": str(offset)}
        return listed(api, path, name, {**query, **paging})

    return (rows for rows, _ in offset_pages(ask, name))


def only(data: Any, name: str) -> Row:
    """The one thing in an answer. Raises ChannelDown."""
    found = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(found, Mapping):
        raise ChannelDown(f"the server sent something else than one {name}")
    return found
