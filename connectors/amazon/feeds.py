"""The JSON listings feed: many changes of listings as one document, and what its processing report says of each."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from connectors.amazon.client import Row, Seller
from connectors.kit.stock.files import Report
from connectors.kit.values import rows_of, text_id, whole
from connectors.kit.wire.exact_json import dumps_exact, loads_exact
from connectors.kit.wire.http import Api
from hub.canonical.errors import ChannelDown

TYPE, CONTENT = "JSON_LISTINGS_FEED", "application/json; charset=UTF-8"


class Feeds:
    """Feeds of one seller."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def send(self, patches: Mapping[str, Row]) -> str:
        """Patch these listings (SKU -> body of `patchListingsItem`); returns the feed's id."""
        document = self._seller.row("createFeedDocument", body={"contentType": CONTENT})
        header = {"sellerId": self._seller.id, "version": "2.0", "issueLocale": "en_US"}
        messages = [
            {"messageId": number, "sku": sku, "operationType": "PATCH", **body}
            for number, (sku, body) in enumerate(patches.items(), 1)
        ]
        told = dumps_exact({"header": header, "messages": messages})
        place, path = _at(document)
        place.call("PUT", path, data=told, headers={"Content-Type": CONTENT}, accept={200}, retry=True)
        body = {
            "feedType": TYPE, "marketplaceIds": list(self._seller.marketplaces),
            "inputFeedDocumentId": text_id(document.get("feedDocumentId")),
        }  # fmt: skip
        return text_id(self._seller.row("createFeed", body=body).get("feedId"))

    def report(self, feed_id: str, state: Row, skus: Sequence[str]) -> Report:
        """What became of a feed with messages of these SKUs. Raises ChannelDown."""
        status, document = state.get("processingStatus"), text_id(state.get("resultFeedDocumentId"))
        if status != "DONE" or not document:
            return Report({}, why=f"feed {feed_id} is {status} at Amazon")
        return read_report(self._document(document), feed_id, skus)

    def _document(self, document_id: str) -> bytes:
        """The bytes of a document, unpacked. Its address is good for five minutes."""
        told = self._seller.row("getFeedDocument", feedDocumentId=document_id)
        place, path = _at(told)
        body = place.call("GET", path, accept={200}).body
        return unpacked(body) if told.get("compressionAlgorithm") == "GZIP" else body


def _at(document: Row) -> tuple[Api, str]:
    """Where a document lies, and the rest of its address, which is signed. Raises Misconfigured."""
    parts = urlsplit(str(document.get("url")))
    return Api(f"{parts.scheme}://{parts.netloc}"), urlunsplit(("", "", parts.path, parts.query, ""))


def unpacked(body: bytes, most: int = 50_000_000) -> bytes:
    """GZIP's inside, at most so many bytes of it. Raises ChannelDown."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            found = packed.read(most + 1)
    except (OSError, EOFError, zlib.error):
        raise ChannelDown("Amazon's report cannot be unpacked") from None
    if len(found) > most:
        raise ChannelDown("Amazon's report is too long")
    return found


def read_report(body: bytes, feed_id: str, skus: Sequence[str]) -> Report:
    """The processing report: what is wrong with which message. Raises ChannelDown: it cannot be read.

    Args: skus: of the messages, which are numbered from 1; an issue without a message is one of the whole feed.
    """
    try:
        report = loads_exact(body)
    except ValueError:
        report = None
    if not isinstance(report, Mapping):
        raise ChannelDown(f"Amazon's report of feed {feed_id} cannot be read")
    refused, of_all = dict[str, str](), list[str]()
    for row in (row for row in rows_of(report, "issues") if row.get("severity") == "ERROR"):
        sku, words = _sku(row, skus), str(row.get("message"))
        if sku:
            refused[sku] = f"{refused[sku]}; {words}" if sku in refused else words
        else:
            of_all.append(words)
    why = "; ".join(of_all) or _unnamed(report, len(refused))
    return Report(refused, f"feed {feed_id}: {why}" if why else "")


def _sku(row: Row, skus: Sequence[str]) -> str:
    number = whole(row.get("messageId"), "messageId")
    return text_id(row.get("sku")) or (skus[number - 1] if number and 0 < number <= len(skus) else "")


def _unnamed(report: Row, named: int) -> str:
    """Messages that were refused and that no issue names."""
    summary = report.get("summary")
    invalid = whole(summary.get("messagesInvalid"), "messagesInvalid") if isinstance(summary, Mapping) else None
    return f"{invalid - named} messages of it were refused without being named" if invalid and invalid > named else ""
