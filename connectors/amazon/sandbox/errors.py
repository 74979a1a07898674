"""Error answers in Amazon's words."""

from __future__ import annotations

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class AmazonError(Refusal):
    """An error that becomes Amazon's JSON: `{errors: [{code, message, details}]}`."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def reply(self) -> Reply:
        """The whole answer."""
        error = {"code": self.code, "message": self.message, "details": self.details}
        return Reply.json({"errors": [error]}, self.status)


def denied(details: str) -> AmazonError:
    """A token that is wrong or has ended, or a role that the application does not have."""
    return AmazonError(403, "Unauthorized", "Access to requested resource is denied.", details)


def invalid(details: str) -> AmazonError:
    """A request that cannot be."""
    return AmazonError(400, "InvalidInput", "Invalid Input", details)


def missing(what: str) -> AmazonError:
    """Something that the seller does not have."""
    return AmazonError(404, "NotFound", "The requested resource was not found.", what)
