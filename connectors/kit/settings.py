"""Reads the settings that several channels have, each refused by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.kit.wire.limiter import Quota
from hub.canonical.errors import BadRecord
from hub.canonical.faults import unfit
from hub.canonical.times import parse_time
from hub.ports.channel import Connection, ConnectorSpec, Field
from hub.rules.pacing import quota_faults

ORDERS_SINCE = Field(
    "orders_since",
    "Orders since",
    "Such as 2026-11-01: the first pull leaves out what has not changed since; empty: every order",
    required=False,
)
CALLS_PER_SECOND = Field(
    "calls_per_second",
    "Calls a second",
    "The platform names no limit; lower it when the host answers 429",
    required=False,
    default="5",
)
CALL_GAPS = Field(
    "call_gaps",
    "Other call frequencies",
    "What the platform agreed with you, in seconds between two calls of an operation, such as OPERATION=900",
    required=False,
)
LOCATION_ID = Field(
    "location_id",
    "Stock location",
    "Id of the stock location that the hub works with; empty: the shop's only location",
    required=False,
)
NOTIFY_CUSTOMER = Field(
    "notify_customer",
    "Tell the buyer",
    "yes: the shop mails the buyer on shipment",
    required=False,
    default="yes",
    choices=("yes", "no"),
)
ALLOW_HTTP = Field(
    "allow_http",
    "Allow plain http",
    "yes: only for a shop in your own network; requests are signed, but not encrypted",
    required=False,
    default="no",
    choices=("no", "yes"),
)
FORMER_WEBHOOK_SECRET = Field(
    "webhook_secret_previous",
    "Former webhook secret",
    "Only while you rotate the secret: webhooks signed with either are accepted",
    required=False,
)
REFUND_REFUSED = Field(
    "refund_refused",
    "Refuse paid orders",
    "yes: an order that is refused is paid back to the buyer; no: a person does it",
    required=False,
    default="no",
    choices=("no", "yes"),
)
VERIFICATION_TOKEN = Field(
    "verification_token",
    "Verification token",
    "Only where you typed one at the platform, beside our address; else one is made",
    required=False,
)

LONGEST_GAP_S = 86_400


def gateway_url(address: str) -> Field:
    """The setting of open platforms with one address, which is `address` where nothing else is set."""
    return Field("gateway_url", "Gateway", "Address of the open platform", required=False, default=address)


def given(connection: Connection, spec: ConnectorSpec, *names: str) -> tuple[str, ...]:
    """Settings and secrets by name, without blanks around them; the passport's default where one is empty.

    Raises: Misconfigured naming one that must be set, with the passport's words for where it comes from.
    """
    values = {**connection.settings, **connection.secrets}
    return tuple(_given(_declared(spec, name), values.get(name, "")) for name in names)


def _declared(spec: ConnectorSpec, name: str) -> Field:
    """A setting or secret of the passport. Raises LookupError: it has none, a fault of the code."""
    fields = {field.name: field for field in (*spec.settings, *spec.secrets)}
    if name not in fields:
        raise LookupError(f"the passport has no {name!r}; it has {', '.join(fields) or 'none'}")
    return fields[name]


def _given(field: Field, value: str) -> str:
    found = value.strip() or field.default
    return unfit(f"{field.name} must be set: {field.help}", "") if field.required and not found else found


def digits(connection: Connection, spec: ConnectorSpec, *names: str, why: str) -> tuple[str, ...]:
    """Settings that are numbers of the platform's, as text; "" where one is empty that may be.

    Args:   why: what is expected of them, such as told("expected the number of your shop").
    Raises: Misconfigured naming one that is none, or as `given`.
    """
    return tuple(_digits(name, text, why) for name, text in zip(names, given(connection, spec, *names), strict=True))


def _digits(name: str, text: str, why: str) -> str:
    return text if not text or (text.isascii() and text.isdigit()) else unfit(f"{name} = {text!r}: {why}", "0")


def calls_per_second(settings: Mapping[str, str], spec: ConnectorSpec) -> float:
    """The pace that the merchant set, else the passport's. Raises Misconfigured."""
    text = settings.get("calls_per_second") or str(spec.calls_per_second)
    try:
        pace = float(text)
    except ValueError:
        pace = math.nan
    if not 0.01 <= pace <= 1000:
        return unfit(f"calls_per_second = {text!r}: expected a number from 0.01 to 1000", 1.0)
    return pace


def shop_zone(settings: Mapping[str, str], name: str = "zone") -> ZoneInfo:
    """The time zone of the shop in the setting `name`, UTC where it is empty. Raises Misconfigured."""
    text = settings.get(name) or "UTC"
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return unfit(f"{name} = {text!r}: expected an IANA name such as Europe/Berlin", ZoneInfo("UTC"))


def seconds(settings: Mapping[str, str], spec: ConnectorSpec, name: str, most: int) -> timedelta:
    """A setting in whole seconds, the passport's default where it is empty. Raises Misconfigured."""
    text = settings.get(name, "").strip() or _declared(spec, name).default
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        return unfit(f"{name} = {text!r}: expected whole seconds from 0 to {most}", timedelta())
    return timedelta(seconds=int(text))


def daily_quota(settings: Mapping[str, str]) -> Quota:
    """The calls a day that the merchant set for a connection of any channel, none by default. Raises Misconfigured."""
    text, zone = settings.get("calls_per_day", ""), settings.get("quota_zone", "") or "UTC"
    faults = quota_faults(text, zone)
    for sentence in faults.values():
        unfit(sentence, None)
    return Quota() if faults else Quota(int(text or 0), zone)


def call_gaps(settings: Mapping[str, str], spec: ConnectorSpec) -> dict[str, float]:
    """Least seconds between two calls, by operation: the passport's, else the setting's. Raises Misconfigured."""
    found = dict(spec.call_gaps_s)
    for part in filter(None, (part.strip() for part in settings.get("call_gaps", "").split(","))):
        operation, _, seconds = (word.strip() for word in part.partition("="))
        if operation not in found or not (seconds.isascii() and seconds.isdigit()) or int(seconds) > LONGEST_GAP_S:
            known = ", ".join(sorted(found))
            unfit(
                f"call_gaps: {part!r}: expected OPERATION=SECONDS from 0 to {LONGEST_GAP_S}; operations: {known}", None
            )
        else:
            found[operation] = float(seconds)
    return found


def first_pull(settings: Mapping[str, str], zone: tzinfo = UTC) -> datetime | None:
    """Where a pull without cursor starts: `orders_since`, in the shop's zone. Raises Misconfigured."""
    text = settings.get("orders_since", "").strip()
    try:
        return parse_time(text, "orders_since", zone) if text else None
    except BadRecord:
        return unfit(f"orders_since = {text!r}: expected a date such as 2026-11-01", None)


class Start(NamedTuple):
    """Where pulls start: `overlap` behind their cursor; `first` without one, None where the oldest order is meant."""

    overlap: timedelta
    first: datetime | None


def pull_start(settings: Mapping[str, str], spec: ConnectorSpec, zone: tzinfo = UTC) -> Start:
    """Where a connection's pulls start, by its settings and passport. Raises Misconfigured."""
    return Start(timedelta(seconds=spec.overlap_s), first_pull(settings, zone))
