"""The fields that the form of a connection has beside those of its connector's passport."""

from __future__ import annotations

from dataclasses import replace

from hub.pages.i18n import N_
from hub.ports.channel import Can, ConnectorSpec, Field

CALLED = (
    Field(
        "calls_per_day",
        N_("Calls a day"),
        N_("At most so many, where the platform counts a day or other programs use the account too; empty: no limit"),
        required=False,
    ),
    Field(
        "quota_zone",
        N_("Time zone of that day"),
        N_("At its midnight the count begins anew, such as Asia/Shanghai; empty: UTC"),
        required=False,
    ),
)
PULLED = Field(
    "soft_minutes",
    N_("Stock for unpaid orders"),
    N_("How many minutes they keep it, such as unpaid=30, authorized=1440; empty: the channel's own rule"),
    required=False,
)


def common_fields(spec: ConnectorSpec) -> tuple[Field, ...]:
    """Those that mean something for this channel, with its passport's defaults."""
    called = CALLED if spec.calls_per_second else ()
    pulled = (replace(PULLED, default=spec.soft_minutes),) if Can.PULL_ORDERS in spec.can else ()
    return called + pulled
