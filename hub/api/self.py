"""Who am I."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends

from hub.api.parts import Id, Out, resource
from hub.rules.permissions import PERMISSIONS, Principal
from hub.web.auth import signed_in

router = resource("self")


class SelfOut(Out):
    """`warehouses`: the codes it is confined to, null: all."""

    kind: Literal["user", "key", "system"]
    id: Id
    name: str
    role: str
    warehouses: list[str] | None
    permissions: list[str]


@router.get("")
def who_am_i(who: Annotated[Principal, Depends(signed_in)]) -> SelfOut:
    """The person or key that asks, and what it may do."""
    places = None if who.warehouses is None else sorted(who.warehouses)
    may = sorted(PERMISSIONS[who.role])
    return SelfOut(kind=who.kind, id=str(who.id), name=who.name, role=who.role, warehouses=places, permissions=may)
