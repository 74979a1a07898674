"""Reason codes of stock changes, with their words in every language."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends

from hub.api.parts import Out, resource
from hub.rules.permissions import Principal
from hub.rules.reasons import REASONS
from hub.web.auth import require

router = resource("stock-reasons")


class ReasonOut(Out):
    """`sign`: 1 only adds, -1 only takes away, 0 does either."""

    code: str
    sign: Literal[-1, 0, 1]
    en: str
    zh_CN: str


class ReasonsOut(Out):
    data: list[ReasonOut]


@router.get("")
def list_reasons(_who: Annotated[Principal, Depends(require("stock.read"))]) -> ReasonsOut:
    """The codes that a stock change may give as its reason; words of one's own may follow after a colon."""
    return ReasonsOut(data=[ReasonOut.model_validate(reason) for reason in REASONS])
