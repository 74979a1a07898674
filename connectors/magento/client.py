"""Opens the REST API of one shop: address, token, pace, and its way to search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from requests.auth import AuthBase

from connectors.kit.http import Api, Bearer
from connectors.kit.oauth1 import OAuth1
from connectors.kit.opening import shop_api
from connectors.kit.paging import Paging, asked
from connectors.kit.settings import given
from connectors.kit.values import Row, text_id
from connectors.magento.spec import SPEC
from hub.canonical.errors import Misconfigured
from hub.ports.channel import Connection

LIST = Paging("searchCriteria[pageSize]", "searchCriteria[currentPage]", first=1, total="total_count")
SIGNING = ("consumer_key", "consumer_secret", "access_token_secret")


def open_api(connection: Connection) -> Api:
    """The API under `/rest/<store view>`, with the integration's token. Raises Misconfigured."""
    below = f"/rest/{code(connection.settings, 'store_code', 'default')}"
    return shop_api(connection, SPEC, below, auth=_auth(connection))


def _auth(connection: Connection) -> AuthBase:
    """The token alone, or signed requests (OAuth 1.0a) where the three other values of the integration are set."""
    token, *signing = given(connection, SPEC, "access_token", *SIGNING)
    if not any(signing):
        return Bearer(token)
    key, secret, token_secret = signing
    if not all(signing):
        raise Misconfigured(f"set all of {', '.join(SIGNING)} to sign requests, or none of them")
    return OAuth1(key, secret, token, token_secret)


def code(settings: Mapping[str, str], name: str, default: str) -> str:
    """A code of the shop (store view, website, source). Raises Misconfigured."""
    found = settings.get(name, "").strip() or default
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", found):
        raise Misconfigured(f"{name} = {found!r}: expected a code such as {default}")
    return found


@dataclass(frozen=True, slots=True)
class Sources:
    """Where stock is written and parcels leave. `by_warehouse`: warehouse of the hub -> source of the shop."""

    main: str
    by_warehouse: Mapping[str, str]

    @classmethod
    def read(cls, settings: Mapping[str, str]) -> Sources:
        """The settings `source_code` and `sources`. Raises Misconfigured."""
        found = {}
        for pair in filter(str.strip, re.split(r"[\n,]", settings.get("sources", ""))):
            warehouse, sign, _ = pair.partition("=")
            if not sign or not warehouse.strip():
                raise Misconfigured(f"sources: {pair.strip()!r}: expected WAREHOUSE=source, such as BER=berlin")
            found[warehouse.strip()] = code({"sources": pair.partition("=")[2]}, "sources", "")
        return cls(code(settings, "source_code", "default"), found)

    def of(self, warehouse: str) -> str:
        """The source that a warehouse ships from."""
        return self.by_warehouse.get(warehouse, self.main)


def criteria(field: str, value: str, condition: str = "eq", sort: str = "") -> dict[str, str]:
    """The query of a search by one field; `sort`: a field, lowest first. An empty `field` searches everything."""
    query = dict[str, str]()
    if field:
        one = "searchCriteria[filterGroups][0][filters][0]"
        query |= {f"{one}[field]": field, f"{one}[value]": value, f"{one}[conditionType]": condition}
    if sort:
        query |= {"searchCriteria[sortOrders][0][field]": sort, "searchCriteria[sortOrders][0][direction]": "ASC"}
    return query


def search(api: Api, path: str, query: Mapping[str, str], passed: int = 0) -> tuple[list[Row], int]:
    """(rows, how many there are in all) of the page after the first `passed` rows. Raises ChannelDown."""
    return LIST.page(asked(api.call, path, query), "items", passed)


def search_all(api: Api, path: str, query: Mapping[str, str]) -> Iterator[Sequence[Row]]:
    """Every page of a search that is sorted. Raises InvariantBroken where a page comes twice."""
    return LIST.pages(asked(api.call, path, query), "items")


def chosen(values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(value, condition) of searches for these; a value with a comma in it must be searched for alone."""
    plain = sorted({value for value in values if value and "," not in value})
    for start in range(0, len(plain), LIST.size // 2):
        yield ",".join(plain[start : start + LIST.size // 2]), "in"
    yield from ((value, "eq") for value in sorted({value for value in values if "," in value}))


def number(ref: str) -> int:
    """An id of the shop as the number it is; 0 where it is none."""
    return int(ref) if ref.isascii() and ref.isdigit() and text_id(ref) else 0
