"""The sandbox's feeds: a document is put at an address, read later, and what is wrong with it told in a report."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.amazon.sandbox import shapes
from connectors.amazon.sandbox.errors import AmazonError, invalid, missing
from connectors.amazon.sandbox.shop import MARKETPLACE, SELLER, Shop
from connectors.kit.practice.server import Reply, Request

LARGEST = 1_000_000
STUBBORN = "The attributes are invalid."


@dataclass
class Feed:
    """One feed. polls: how often it is asked for until it is done."""

    id: str
    document: str
    created: str
    polls: int
    status: str = "IN_QUEUE"
    report: str = ""


class Feeds:
    """Feeds and patches of one seller.

    polls: how often each feed says that it is under way; fatal: the next ones fail.
    stubborn: SKUs that take nothing.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop, self.all = shop, dict[str, Feed]()
        self.documents = dict[str, bytes | None]()
        self.polls, self.fatal, self.stubborn = 0, False, set[str]()

    def new_document(self, url: str) -> dict[str, Any]:
        """createFeedDocument"""
        ref = f"amzn1.tortuga.{self._shop.new_id()}"
        self.documents[ref] = None
        return {"feedDocumentId": ref, "url": f"{url}/documents/{ref}?X-Amz-Signature=0"}

    def document(self, request: Request, ref: str) -> Reply:
        """The bytes are put at a document's address, or got from it: nothing but the address is asked for there."""
        if ref not in self.documents:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", {"content-type": "application/xml"})
        if request.method == "PUT":
            self.documents[ref] = request.body
            return Reply(200)
        return Reply(200, self.documents[ref] or b"", {"content-type": "application/octet-stream"})

    def where(self, ref: str, url: str) -> dict[str, Any]:
        """getFeedDocument"""
        if ref not in self.documents:
            raise missing("feedDocumentId")
        told = {"feedDocumentId": ref, "url": f"{url}/documents/{ref}?X-Amz-Signature=0"}
        return told | {"compressionAlgorithm": "GZIP"}

    def make(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """createFeed"""
        ref = str(body.get("inputFeedDocumentId"))
        if body.get("feedType") != "JSON_LISTINGS_FEED" or body.get("marketplaceIds") != [MARKETPLACE]:
            raise invalid("feedType or marketplaceIds")
        if self.documents.get(ref) is None:
            raise invalid("inputFeedDocumentId")
        feed = Feed(str(5000 + self._shop.new_id()), ref, shapes.stamp(self._shop.now()), self.polls)
        self.all[feed.id] = feed
        return {"feedId": feed.id}

    def state(self, ref: str) -> dict[str, Any]:
        """getFeed: asking brings the feed on its way."""
        if ref not in self.all:
            raise missing("feedId")
        feed = self.all[ref]
        if feed.polls > 0:
            feed.polls, feed.status = feed.polls - 1, "IN_PROGRESS"
        elif not feed.report and feed.status != "FATAL":
            self._work(feed)
        told = {
            "feedId": feed.id, "feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE],
            "createdTime": feed.created, "processingStatus": feed.status,
        }  # fmt: skip
        return told | ({"resultFeedDocumentId": feed.report} if feed.report else {})

    def _work(self, feed: Feed) -> None:
        if self.fatal:
            feed.status = "FATAL"
            return
        told = json.loads(self.documents[feed.document] or b"{}")
        messages = told["messages"] if told["header"]["sellerId"] == SELLER else []
        issues = [issue for message in messages if (issue := self._take(message))]
        report = {
            "header": {"sellerId": SELLER, "version": "2.0", "feedId": feed.id}, "issues": issues,
            "summary": {
                "errors": len(issues), "warnings": 0, "messagesProcessed": len(messages),
                "messagesAccepted": len(messages) - len(issues), "messagesInvalid": len(issues),
            },
        }  # fmt: skip
        feed.status, feed.report = "DONE", f"amzn1.tortuga.{self._shop.new_id()}"
        self.documents[feed.report] = gzip.compress(json.dumps(report).encode())

    def _take(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is wrong with one message; None where it is taken."""
        sku = str(message["sku"])
        try:
            if sku in self.stubborn:
                raise AmazonError(400, "90000900", STUBBORN)
            self.patch(sku, message)
        except AmazonError as error:
            words = error.details or error.message
            return {
                "messageId": message["messageId"],
                "sku": sku,
                "code": error.code,
                "severity": "ERROR",
                "message": words,
            }
        return None

    def patch(self, sku: str, body: Mapping[str, Any]) -> None:
        """One listing is patched. Raises AmazonError: no such listing, or something else than its stock."""
        for patch in body["patches"]:
            if (patch["op"], patch["path"]) != ("merge", "/attributes/fulfillment_availability"):
                raise invalid("the sandbox patches the stock of a listing only")
            (value,) = patch["value"]
            number = value.get("quantity")
            if value.get("fulfillment_channel_code") != "DEFAULT" or not isinstance(number, int):
                raise invalid("'fulfillment_channel_code' and 'quantity' are required but not supplied.")
            if not 0 <= number <= LARGEST:
                raise AmazonError(400, "90225", f"'quantity' must be from 0 to {LARGEST}.")
            self._shop.take_number(sku, number)
