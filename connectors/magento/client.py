"""Opens the REST API of one shop: address, token, pace, and its way to search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.auth.oauth1 import signed_or_bearer
from connectors.kit.settings import given
from connectors.kit.stock.codes import code
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from connectors.kit.wire.opening import shop_api
from connectors.kit.wire.paging import Paging, asked
from connectors.magento.spec import SPEC
from hub.ports.channel import Connection

LIST = Paging("searchCriteria[pageSize]", "searchCriteria[currentPage]", first=1, total="total_count")
SIGNING = ("consumer_key", "consumer_secret", "access_token_secret")


def open_api(connection: Connection) -> Api:
    """The API under `/rest/<store view>`, with the integration's token. Raises Misconfigured."""
    token, *signing = given(connection, SPEC, "access_token", *SIGNING)
    auth = signed_or_bearer(token, **dict(zip(SIGNING, signing, strict=True)))
    return shop_api(connection, SPEC, f"/rest/{code(connection.settings, 'store_code', 'default')}", auth=auth)


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
