"""Reads pushed messages (消息推送): the signature on the raw bytes first, then which orders they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connectors.douyin.client import Gateway
from connectors.kit.auth.signing import sign_douyin_message
from connectors.kit.hooks.signatures import event_id, header, verify_text
from connectors.kit.shop import ReadNotice
from connectors.kit.values import Row, json_in, objects_in, text_id
from hub.canonical.errors import BadRecord
from hub.canonical.told import told
from hub.ports.channel import Notice

FORGED = told("the message's event-sign does not fit its body, app key and app secret")


def reader(gateway: Gateway) -> ReadNotice:
    """What reads the messages of one shop."""
    return partial(read, app_key=gateway.app_key, secret=gateway.secret, shop_id=gateway.shop_id)


def read(headers: Mapping[str, str], raw: bytes, app_key: str, secret: str, shop_id: str) -> Notice:
    """Verify and read one delivery: `{tag, msgId, data}`, or a list of these; `data` may be an object or JSON text.

    The messages are thin, so each order is read again. Those of the app's other shops lead to nothing, nor does the one
    by which the console tries the address, whose data is no object.
    The event id is the message's id; a digest of the body where there are several, or none has one.
    Raises: AuthFailed, BadRecord.
    """
    verify_text(header(headers, "event-sign"), sign_douyin_message(app_key, secret, raw), FORGED)
    messages = objects_in(raw, told("expected a message with tag, msgId and data"))
    heard = [(_tag(one), _data(one.get("data"))) for one in messages]
    ours = [data for _, data in heard if text_id(data.get("shop_id")) in {"", shop_id}]
    orders, tags = dict.fromkeys(text_id(data.get("p_id")) for data in ours), dict.fromkeys(tag for tag, _ in heard)
    times = [at for at in map(_time, ours) if at]
    names = (messages[0].get("msgId"), messages[0].get("msg_id")) if len(messages) == 1 else ()
    event, refs = event_id(raw, *map(text_id, names)), tuple(filter(None, orders))
    return Notice(event, ",".join(tags), refetch=refs, triggered_at=max(times, default=None))


def _data(value: Any) -> Row:
    found = json_in(value, "data") if isinstance(value, str) and value.strip().startswith("{") else value
    return found if isinstance(found, dict) else {}


def _tag(message: Row) -> str:
    """The tag as text; 0 is one."""
    value = message.get("tag")
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).strip():
        raise BadRecord("tag", value, "expected the message's tag")
    return str(value).strip()


def _time(data: Row) -> datetime | None:
    """The newest time that the message tells."""
    found = [value for name, value in data.items() if name.endswith("_time") and isinstance(value, int)]
    seconds = max(found, default=0)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None
