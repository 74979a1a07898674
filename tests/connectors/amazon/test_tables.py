"""The tables that stand in for what Amazon's models leave open find out what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from tests.connectors.amazon.conftest import NOTICE, _schema
from tests.connectors.amazon.tables import queue_faults, stock_faults

QUEUE, ENTRY = {"QueueUrl": "http://q/1/orders"}, {"Id": "0", "ReceiptHandle": "h"}
DONE = {"Successful": [{"Id": "0"}], "Failed": list[Any]()}


def _faults(action: str, asked: Any, told: Any, status: int = 200) -> list[str]:
    headers = {"x-amz-target": f"AmazonSQS.{action}"}
    request = Request("POST", "/", {}, headers, json.dumps(asked).encode())
    return list(queue_faults(request, Reply.json(told, status), _schema(NOTICE)))


@pytest.mark.data
@pytest.mark.parametrize(
    ("action", "asked", "told", "fault"),
    [
        ("ReceiveMessage", QUEUE | {"MaxNumberOfMessages": 11}, {}, "body.MaxNumberOfMessages: maximum 10"),
        ("ReceiveMessage", QUEUE | {"VisibilityTimeOut": 1}, {}, "body.VisibilityTimeOut: the specification"),
        ("ReceiveMessage", QUEUE, {"Messages": [{"MessageID": "1"}]}, "answer 200.Messages[0].MessageId: it is req"),
        ("DeleteMessageBatch", QUEUE | {"Entries": []}, DONE, "body.Entries: minItems 1"),
        ("DeleteMessageBatch", QUEUE | {"Entries": [ENTRY]}, {"Failed": []}, "answer 200.Successful: it is required"),
        ("DeleteMessages", QUEUE, {}, "the queue has no such action"),
    ],
)
def test_a_wrong_call_of_the_queue_is_found_out(action: str, asked: Any, told: Any, fault: str) -> None:
    assert fault in _faults(action, asked, told)[0]
    assert _faults("DeleteMessageBatch", QUEUE | {"Entries": [ENTRY]}, DONE) == []
    assert _faults("ReceiveMessage", QUEUE, {"__type": "x#Y", "message": "no"}, 403) == []


@pytest.mark.data
def test_a_notification_is_held_to_amazons_own_schema() -> None:
    message = {"MessageId": "1", "ReceiptHandle": "h", "Body": json.dumps({"NotificationType": "ORDER_CHANGE"})}
    faults = _faults("ReceiveMessage", QUEUE, {"Messages": [message]})
    assert "ORDER_CHANGE.EventTime: it is required" in faults
    assert _faults("ReceiveMessage", QUEUE, {"Messages": [message | {"Body": "hello"}]}) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("/attributes/price", [], "body[0].path: only stock is patched, not /attributes/price"),
        ("/attributes/fulfillment_availability", [{"quantity": 1}], "fulfillment_channel_code: it is required"),
        (
            "/attributes/fulfillment_availability",
            [{"fulfillment_channel_code": "DEFAULT", "quantity": -1}],
            "quantity: minimum 0 does not allow -1",
        ),
    ],
)
def test_a_wrong_patch_of_stock_is_found_out(path: str, value: Any, fault: str) -> None:
    (found,) = stock_faults([{"path": path, "value": value}], "body")
    assert fault in found
