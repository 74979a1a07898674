"""Tables of fields for what Amazon's models leave open: the queue's protocol, and the stock attribute of a listing.

Sources: Amazon SQS API Reference, AWS JSON protocol (ReceiveMessage, DeleteMessageBatch, GetQueueAttributes, and their
errors); Listings Items API use case guide, "Update inventory" (`fulfillment_availability`, merged by its channel code).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.kit.practice.server import Reply, Request
from tests.connectors.schemas import Json, Schemas

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}


def _object(needed: Mapping[str, Json], **more: Json) -> Json:
    properties = {**needed, **more}
    return {"type": "object", "required": list(needed), "properties": properties, "additionalProperties": False}


def _list(item: Json, least: int = 0, most: int = 10) -> Json:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


_MESSAGE = _object({"MessageId": TEXT, "ReceiptHandle": TEXT, "Body": TEXT}, MD5OfBody=TEXT)
_FAILED = _object({"Id": TEXT, "Code": TEXT, "SenderFault": FLAG}, Message=TEXT)
_RECEIVE = {
    "MaxNumberOfMessages": {"type": "integer", "minimum": 1, "maximum": 10},
    "VisibilityTimeout": {"type": "integer", "minimum": 0, "maximum": 43_200},
    "WaitTimeSeconds": {"type": "integer", "minimum": 0, "maximum": 20},
}
ACTIONS: Mapping[str, tuple[Json, Json]] = {
    "AmazonSQS.ReceiveMessage": (_object({"QueueUrl": TEXT}, **_RECEIVE), _object({}, Messages=_list(_MESSAGE))),
    "AmazonSQS.DeleteMessageBatch": (
        _object({"QueueUrl": TEXT, "Entries": _list(_object({"Id": TEXT, "ReceiptHandle": TEXT}), 1)}),
        _object({"Successful": _list(_object({"Id": TEXT})), "Failed": _list(_FAILED)}),
    ),
    "AmazonSQS.GetQueueAttributes": (
        _object({"QueueUrl": TEXT}, AttributeNames=_list(TEXT, 1)),
        _object({}, Attributes=_object({}, QueueArn=TEXT)),
    ),
}
"""Action -> (schema of what is asked, of what is answered)."""
_REFUSAL = _object({"__type": TEXT}, message=TEXT)
_AVAILABILITY = _object(
    {"fulfillment_channel_code": TEXT, "quantity": {"type": "integer", "minimum": 0}},
    lead_time_to_ship_max_days={"type": "integer"},
)


def queue_faults(request: Request, reply: Reply, notification: Json) -> Iterator[str]:
    """What is wrong with one call of the queue; `notification`: the schema of an order's change."""
    action = request.headers.get("x-amz-target", "")
    if (request.method, action in ACTIONS) != ("POST", True):
        yield f"{request.method} / {action}: the queue has no such action"
        return
    asks, gives = ACTIONS[action]
    asked, told = json.loads(request.body), json.loads(reply.body)
    if reply.status == 200:
        yield from _faults(asked, asks, f"{action} body")
    yield from _faults(told, gives if reply.status == 200 else _REFUSAL, f"{action} answer {reply.status}")
    for message in told.get("Messages", ()):
        yield from _notified(message.get("Body", ""), notification)


def _notified(body: str, notification: Json) -> Iterator[str]:
    """Of what lies in the queue, Amazon's own notifications are described; anything else may lie there, too."""
    try:
        told = json.loads(body)
    except ValueError:
        return
    if isinstance(told, dict) and told.get("NotificationType") == "ORDER_CHANGE":
        yield from _faults(told, notification, "ORDER_CHANGE")


def stock_faults(patches: Any, place: str) -> Iterator[str]:
    """What is wrong with the stock that patches of a listing write."""
    for at, patch in enumerate(patches):
        if patch.get("path") != "/attributes/fulfillment_availability":
            yield f"{place}[{at}].path: only stock is patched, not {patch.get('path')}"
        for number, value in enumerate(patch.get("value", ())):
            yield from _faults(value, _AVAILABILITY, f"{place}[{at}].value[{number}]")


def _faults(value: Any, schema: Json, place: str) -> Iterator[str]:
    return Schemas(schema).faults(value, schema, place)
