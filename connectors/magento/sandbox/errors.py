"""Error answers in Magento's words."""

from __future__ import annotations

from typing import Any

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class MagentoError(Refusal):
    """An error that becomes Magento's JSON: `{message, parameters}`."""

    def __init__(self, status: int, message: str, resource: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.resource = status, message, resource

    def reply(self) -> Reply:
        """The whole answer."""
        body: dict[str, Any] = {"message": self.message}
        return Reply.json(body | ({"parameters": [{"resources": self.resource}]} if self.resource else {}), self.status)


def no_token() -> MagentoError:
    """A token that the shop does not know."""
    return MagentoError(401, "The consumer isn't authorized to access %resources.")


def not_allowed(resource: str) -> MagentoError:
    """A resource that the integration was not given."""
    return MagentoError(401, "The consumer isn't authorized to access %resources.", resource)


def no_such() -> MagentoError:
    """An entity that does not exist."""
    return MagentoError(404, "The entity that was requested doesn't exist. Verify the entity and try again.")


def invalid(message: str) -> MagentoError:
    """A request that cannot be."""
    return MagentoError(400, message)
