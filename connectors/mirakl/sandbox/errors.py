"""Error answers in Mirakl's words."""

from __future__ import annotations

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class MiraklError(Refusal):
    """An error that becomes Mirakl's JSON: `{message, status}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply.json({"message": self.message, "status": self.status}, self.status)


def invalid(message: str) -> MiraklError:
    """Something that the request says cannot be."""
    return MiraklError(400, message)


def missing(what: str) -> MiraklError:
    """A thing or an address that does not exist."""
    return MiraklError(404, f"{what} not found")
