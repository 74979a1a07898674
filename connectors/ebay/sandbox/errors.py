"""Error answers in eBay's words."""

from __future__ import annotations

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class EbayError(Refusal):
    """An error that becomes eBay's JSON: `{errors: [{errorId, domain, category, message, longMessage}]}`."""

    def __init__(self, status: int, error_id: int, message: str, domain: str = "API_FULFILLMENT") -> None:
        super().__init__(message)
        self.status, self.error_id, self.message, self.domain = status, error_id, message, domain

    def shape(self) -> dict[str, object]:
        """One entry of `errors`."""
        return {
            "errorId": self.error_id, "domain": self.domain, "category": "REQUEST", "message": self.message,
            "longMessage": self.message,
        }  # fmt: skip

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply.json({"errors": [self.shape()]}, self.status)


def no_token() -> EbayError:
    """An access token that is wrong or has ended."""
    return EbayError(401, 1001, "Invalid access token", "OAuth")


def not_allowed() -> EbayError:
    """A scope that the token does not have."""
    return EbayError(403, 1100, "Insufficient permissions to fulfill the request.", "ACCESS")


def no_such_order(ref: str) -> EbayError:
    """An order that the seller does not have."""
    return EbayError(404, 32100, f"Invalid Order Id: {ref}")


def no_such_sku(sku: str) -> EbayError:
    """An inventory item that the seller does not have."""
    return EbayError(404, 25710, f"We didn't find the entity you are requesting: {sku}", "API_INVENTORY")


def invalid(error_id: int, message: str) -> EbayError:
    """A request that cannot be."""
    return EbayError(400, error_id, message)
