"""The seller's SQS queue: Amazon tells there which orders changed, and keeps what is not deleted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.amazon.client import Row, needed
from connectors.kit.aws import AwsAuth, Keys
from connectors.kit.exact_json import dumps_exact, loads_exact
from connectors.kit.http import Answer, Api, https_or_loopback
from connectors.kit.values import rows_of, text_id
from hub.canonical.errors import BadRecord, ChannelDown, Misconfigured
from hub.canonical.times import parse_time
from hub.ports.channel import Connection, Receipt

BATCH, HIDDEN_S = 10, 300
"""Messages of one call; how long those that were read are not given again."""
KIND = "ORDER_CHANGE"
_ARN = re.compile(r"arn:aws[\w-]*:sqs:(?P<region>[\w-]+):(?P<account>\d{12}):(?P<name>[\w-]+)")


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages about this seller's orders: what deletes them, and each order with the time of its change."""

    handles: tuple[str, ...]
    orders: Mapping[str, datetime | None]

    @property
    def receipt(self) -> Receipt:
        """To be sent once the orders are kept. Every delivery of a message has a handle of its own."""
        digest = hashlib.sha256(",".join(self.handles).encode()).hexdigest()[:24]
        return Receipt(f"sqs:{digest}", {"handles": list(self.handles)})


class Queue:
    """One queue, as one seller reads it: messages of others are left where they are. Raises Misconfigured."""

    def __init__(self, connection: Connection, seller_id: str) -> None:
        settings, secrets = connection.settings, connection.secrets
        self.arn, self._seller_id = settings.get("queue_arn", "").strip(), seller_id
        place = _ARN.fullmatch(self.arn)
        if place is None:
            raise Misconfigured(
                f"queue_arn = {self.arn!r}: expected one such as arn:aws:sqs:us-east-1:123456789012:orders"
            )
        usual = f"https://sqs.{place['region']}.amazonaws.com/{place['account']}/{place['name']}"
        self._url, secret = settings.get("queue_url", "").strip() or usual, needed(secrets, "aws_secret_key")
        https_or_loopback(self._url, "queue_url")
        keys, parts = Keys(needed(settings, "aws_access_key"), secret, place["region"], "sqs"), urlsplit(self._url)
        self._api = Api(f"{parts.scheme}://{parts.netloc}", auth=AwsAuth(keys), secrets=(secret,))

    def batches(self) -> Iterator[Batch]:
        """What waits, until nothing new comes."""
        seen = set[str]()
        while found := [row for row in self._receive() if str(row.get("MessageId")) not in seen]:
            seen |= {str(row.get("MessageId")) for row in found}
            told = [(str(row.get("ReceiptHandle")), change) for row in found if (change := self._change(row))]
            if told:
                yield Batch(tuple(handle for handle, _ in told), dict(change for _, change in told))

    def confirm(self, handles: Sequence[str]) -> None:
        """These were kept; the queue may forget them. Deleting twice does no harm."""
        for at in range(0, len(handles), BATCH):
            entries = [{"Id": str(n), "ReceiptHandle": each} for n, each in enumerate(handles[at : at + BATCH])]
            failed = rows_of(self.call("DeleteMessageBatch", {"Entries": entries}).data, "Failed")
            if any(row.get("SenderFault") is False for row in failed):
                raise ChannelDown("the queue did not delete every message; trying again later")

    def call(self, action: str, more: Row, accept: Sequence[int] = ()) -> Answer:
        """One action of SQS's JSON protocol on this queue. Repeating one does not matter."""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        body = dumps_exact({"QueueUrl": self._url, **more})
        return self._api.call("POST", "/", data=body, headers=headers, retry=True, accept=accept)

    def _receive(self) -> list[Row]:
        return rows_of(
            self.call("ReceiveMessage", {"MaxNumberOfMessages": BATCH, "VisibilityTimeout": HIDDEN_S}).data, "Messages"
        )

    def _change(self, message: Row) -> tuple[str, datetime | None] | None:
        """(order, when it changed) of a message about an order of this seller; None for any other."""
        try:
            body = loads_exact(str(message.get("Body") or ""))
        except ValueError:
            return None
        told = _inner(_inner(body, "Payload"), "OrderChangeNotification")
        if _inner(body).get("NotificationType") != KIND or told.get("SellerId") != self._seller_id:
            return None
        ref = text_id(told.get("AmazonOrderId"))
        return (ref, _time(_inner(body).get("EventTime"))) if ref else None


def _inner(value: Any, name: str = "") -> Row:
    found = value.get(name) if name and isinstance(value, Mapping) else value
    return found if isinstance(found, Mapping) else {}


def _time(value: Any) -> datetime | None:
    try:
        return parse_time(value, "EventTime")
    except BadRecord:
        return None
