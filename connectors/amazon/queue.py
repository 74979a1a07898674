"""The seller's SQS queue: Amazon tells there which orders changed, and keeps what is not deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.amazon.client import Row, needed
from connectors.kit.auth.aws import AwsAuth, Keys
from connectors.kit.orders.queues import Change, ChangeQueue
from connectors.kit.values import inside, moment, rows_of, text_id
from connectors.kit.wire.exact_json import dumps_exact, loads_exact
from connectors.kit.wire.http import Answer, Api, bare, https_or_loopback
from hub.canonical.errors import ChannelDown
from hub.canonical.faults import unfit
from hub.ports.channel import Connection

HIDDEN_S = 300
"""How long messages that were read are not given again."""
KIND = "ORDER_CHANGE"
_ARN = re.compile(r"arn:aws[\w-]*:sqs:(?P<region>[\w-]+):(?P<account>\d{12}):(?P<name>[\w-]+)")
_EXAMPLE = {"region": "us-east-1", "account": "123456789012", "name": "orders"}


class Queue(ChangeQueue):
    """One queue, as one seller reads it: messages of others are left where they are. Raises Misconfigured."""

    kind, most = "sqs", 10

    def __init__(self, connection: Connection, seller_id: str) -> None:
        settings, secrets = connection.settings, connection.secrets
        self.arn, self._seller_id = settings.get("queue_arn", "").strip(), seller_id
        place = _place(self.arn)
        usual = f"https://sqs.{place['region']}.amazonaws.com/{place['account']}/{place['name']}"
        self._url, secret = settings.get("queue_url", "").strip() or usual, needed(secrets, "aws_secret_key")
        https_or_loopback(self._url, "queue_url")
        keys = Keys(needed(settings, "aws_access_key"), secret, place["region"], "sqs")
        self._api = Api(bare(self._url), auth=AwsAuth(keys), secrets=(secret,), setting="queue_url")

    def receive(self) -> dict[str, Row]:
        asked = {"MaxNumberOfMessages": self.most, "VisibilityTimeout": HIDDEN_S}
        return {str(row.get("MessageId")): row for row in rows_of(self.call("ReceiveMessage", asked).data, "Messages")}

    def handle(self, ref: str, message: Row) -> str:
        """Every delivery of a message has a handle of its own."""
        return str(message.get("ReceiptHandle"))

    def delete(self, handles: Sequence[str]) -> None:
        entries = [{"Id": str(at), "ReceiptHandle": each} for at, each in enumerate(handles)]
        failed = rows_of(self.call("DeleteMessageBatch", {"Entries": entries}).data, "Failed")
        if any(row.get("SenderFault") is False for row in failed):
            raise ChannelDown("the queue did not delete every message; trying again later")

    def call(self, action: str, more: Row, accept: Sequence[int] = ()) -> Answer:
        """One action of SQS's JSON protocol on this queue. Repeating one does not matter."""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        body = dumps_exact({"QueueUrl": self._url, **more})
        return self._api.call("POST", "/", data=body, headers=headers, retry=True, accept=accept)

    def change(self, message: Row) -> Change | None:
        """(order, when it changed) of a message about an order of this seller; None for any other."""
        try:
            body = loads_exact(str(message.get("Body") or ""))
        except ValueError:
            return None
        told = inside(body, "Payload", "OrderChangeNotification")
        if inside(body, "NotificationType") != KIND or inside(told, "SellerId") != self._seller_id:
            return None
        ref = text_id(inside(told, "AmazonOrderId"))
        return (ref, moment(inside(body, "EventTime"), "EventTime")) if ref else None


def _place(arn: str) -> Mapping[str, str]:
    """Region, account and name of a queue. Raises Misconfigured."""
    found = _ARN.fullmatch(arn)
    why = f"queue_arn = {arn!r}: expected one such as arn:aws:sqs:us-east-1:123456789012:orders"
    return found.groupdict() if found else unfit(why, _EXAMPLE)
