"""Magento's search criteria: one filter, one sort order, pages; after the last page the last one comes again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.kit.practice.server import Reply, Request
from connectors.magento.sandbox.errors import invalid

LARGEST = 300
USUAL = 20
FILTER = "searchCriteria[filterGroups][0][filters][0]"
SORT = "searchCriteria[sortOrders][0]"
Row = Mapping[str, Any]


def answer(request: Request, rows: Sequence[Row], hidden: Sequence[str] = ()) -> Reply:
    """The rows that fit, sorted and cut. `hidden`: fields to search by that are not shown. Raises MagentoError 400."""
    found = _sorted(request.query, [row for row in rows if _fits(row, request.query)])
    size, page = _number(request.query, "pageSize", USUAL), _number(request.query, "currentPage", 1)
    if size > LARGEST:
        raise invalid(f"Maximum SearchCriteria pageSize is {LARGEST}")
    page = max(1, min(page, -(-len(found) // size)))
    shown = [{name: value for name, value in row.items() if name not in hidden} for row in found]
    return listed(request, shown[(page - 1) * size : page * size], len(found))


def listed(request: Request, rows: Sequence[Row], total: int) -> Reply:
    """The answer to a search, which tells its criteria again."""
    query, one = request.query, {}
    if f"{FILTER}[field]" in query:
        one = {"field": query[f"{FILTER}[field]"], "value": query.get(f"{FILTER}[value]", "")}
        one |= {"condition_type": query.get(f"{FILTER}[conditionType]", "eq")}
    criteria = {"filter_groups": [{"filters": [one]}] if one else [], "page_size": _number(query, "pageSize", USUAL)}
    return Reply.json({"items": list(rows), "search_criteria": criteria, "total_count": total})


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(f"searchCriteria[{name}]", str(usual))
    if not text.isdigit() or int(text) < 1:
        raise invalid(f"Invalid {name} {text}")
    return int(text)


def _fits(row: Row, query: Mapping[str, str]) -> bool:
    field = query.get(f"{FILTER}[field]")
    if field is None:
        return True
    wanted, has = query.get(f"{FILTER}[value]", ""), _value(row, field)
    condition = query.get(f"{FILTER}[conditionType]", "eq")
    if condition == "gteq":
        return has >= wanted
    if condition == "in":
        return has in wanted.split(",")
    if condition != "eq":
        raise invalid(f"condition {condition} is not known here")
    return has == wanted


def _value(row: Row, field: str) -> str:
    if field not in row:
        raise invalid(f"Column not found: {field}")
    return str(row[field])


def _sorted(query: Mapping[str, str], rows: list[Row]) -> list[Row]:
    field = query.get(f"{SORT}[field]")
    if field is None:
        return rows
    falling = query.get(f"{SORT}[direction]", "ASC").upper() == "DESC"
    return sorted(rows, key=lambda row: row[field] if field in row else _value(row, field), reverse=falling)
