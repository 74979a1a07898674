"""What every GraphQL channel reads alike: the name of a document, an answer and its errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from connectors.kit.wire.http import Answer, Api
from hub.canonical.errors import BadRecord, ChannelDown, InvariantBroken, StocklineError, TimedOut

T = TypeVar("T")
NAME = re.compile(r"(?:query|mutation)\s+(\w+)")


class GraphQLShop:
    """What every GraphQL channel does alike with an answer.

    title:  the platform's name.
    errors: its error codes, the most telling first -> our error, made of the platform's words.
    """

    title: ClassVar[str]
    errors: ClassVar[Mapping[str, Callable[[str], StocklineError]]]

    def __init__(self, api: Api) -> None:
        self._api = api

    def reading(self, ask: Callable[[], T]) -> T:
        """A read changes nothing: silence means that the shop is out of reach, not that something may have happened."""
        try:
            return ask()
        except TimedOut as error:
            raise ChannelDown(str(error), error.retry_after) from None

    def body(self, answer: Answer) -> Mapping[str, Any]:
        """The object in an answer. Raises TimedOut."""
        if not isinstance(answer.data, Mapping):
            raise TimedOut(f"{self.title} sent an answer that is no GraphQL answer")
        return answer.data

    def data(self, body: Mapping[str, Any]) -> Any:
        """What stands under `data`. Raises the error that the platform's first error code stands for."""
        if body.get("errors"):
            raise self.refusal(body)
        if not isinstance(body.get("data"), Mapping):
            raise TimedOut(f"{self.title} answered without data")
        return body["data"]

    def refusal(self, body: Mapping[str, Any]) -> StocklineError:
        """The error that an answer with errors stands for; InvariantBroken: our document is wrong."""
        codes, words = error_codes(body), self._api.scrubbed(error_words(body))
        made = next((made for code, made in self.errors.items() if code in codes), None)
        return made(words) if made else InvariantBroken(f"{self.title} refused our document: {words}")


def refuse_errors(payload: Any, title: str) -> Any:
    """The payload: an answer with errors and no data is not an empty list of orders. Raises BadRecord."""
    if isinstance(payload, Mapping) and payload.get("errors") and not payload.get("data"):
        raise BadRecord("errors", payload["errors"], f"{title} answered with errors, not with an order")
    return payload


def operation_name(document: str) -> str:
    """The name of the first operation. Raises InvariantBroken where it has none."""
    found = NAME.search(document)
    if not found:
        raise InvariantBroken("a GraphQL document without a name")
    return found.group(1)


def error_codes(body: Mapping[str, Any]) -> set[str]:
    """`extensions.code` of each error in an answer."""
    return {str((error.get("extensions") or {}).get("code")) for error in _errors(body)}


def error_words(body: Mapping[str, Any]) -> str:
    """The messages of all errors; of errors that are no list, what stands there."""
    listed = _errors(body)
    return "; ".join(str(error.get("message")) for error in listed) if listed else str(body.get("errors"))


def _errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = body.get("errors") or []
    return [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []
