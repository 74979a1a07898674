"""Pushed messages: one or several, data as object or text, thin, for this shop only."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.douyin import webhooks
from connectors.kit.auth.signing import sign_douyin_message
from hub.canonical.errors import AuthFailed, BadRecord
from hub.ports.channel import Notice

KEY, SECRET = "7000000000000000000", "the-app-secret"


def read(body: Any, shop_id: str = "77001") -> Notice:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return webhooks.read({"event-sign": sign_douyin_message(KEY, SECRET, raw)}, raw, KEY, SECRET, shop_id)


def message(tag: Any = 110, event: str = "1::110:0", **data: Any) -> dict[str, Any]:
    about = {"p_id": 6900000000000000001, "s_ids": [6900000000000000001], "shop_id": 77001, "pay_time": 1764547260}
    return {"tag": tag, "msgId": event, "data": about | data}


def test_a_message_leads_to_its_order_which_is_read_again() -> None:
    assert read([message()]) == Notice(
        "1::110:0", "110", refetch=("6900000000000000001",), triggered_at=datetime(2025, 12, 1, 0, 1, tzinfo=UTC)
    )


def test_data_may_be_text_and_the_id_may_have_its_other_name() -> None:
    one = message()
    told = {"tag": "110", "msg_id": one["msgId"], "data": json.dumps(one["data"])}
    assert read([told]) == read(one) == read([one])


def test_several_messages_lead_to_each_order_once() -> None:
    notice = read([message(100, "1::100:0"), message(110, "1::110:0"), message(100, "2::100:0", p_id="7")])
    assert (notice.topic, notice.refetch) == ("100,110", ("6900000000000000001", "7"))
    assert len(notice.event_id) == 64
    assert notice.event_id != read([message(100, "1::100:0"), message(110, "1::110:0")]).event_id


def test_what_is_for_another_shop_or_only_a_trial_leads_to_nothing() -> None:
    assert read([message(shop_id=95250)]).refetch == ()
    trial = read([{"tag": "0", "msg_id": "0", "data": "2021-06-10T15:21:25+08:00"}])
    assert (trial.topic, trial.refetch, len(trial.event_id)) == ("0", (), 64)


@pytest.mark.parametrize("sign", ["", "0" * 32, "é"])
def test_a_wrong_signature_is_refused_before_the_body_is_read(sign: str) -> None:
    with pytest.raises(AuthFailed, match="event-sign does not fit"):
        webhooks.read({"event-sign": sign}, b"not json", KEY, SECRET, "77001")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        ([], "body"),
        (b'"text"', "body"),
        ({"msgId": "1", "data": {}}, "tag"),
        ({"tag": [], "msgId": "1", "data": {}}, "tag"),
        ({"tag": 110, "msgId": "1", "data": "{"}, "data"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(body: Any, field: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(body)
    assert caught.value.field == field


@pytest.mark.data
def test_every_recorded_message_leads_to_its_order(shared_data: Path) -> None:
    files = sorted((shared_data / "douyin" / "events").glob("*.json"))
    assert len(files) == 14
    for file in files:
        body = json.loads(file.read_text("utf-8"))
        notice = read(body, str(body["data"]["shop_id"]) if "shop_id" in body["data"] else "1")
        assert notice.refetch == (str(body["data"]["p_id"]),), file.name
        assert (notice.event_id, notice.topic) == (body["msgId"], str(body["tag"]))
