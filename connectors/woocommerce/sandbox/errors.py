"""Error answers in WooCommerce's words."""

from __future__ import annotations

from typing import Any

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class WooError(Refusal):
    """An error that becomes WooCommerce's JSON: `{code, message, data: {status}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """The JSON of this error."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status}}

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply.json(self.body(), self.status)


def invalid(param: str, why: str = "") -> WooError:
    """A parameter that the schema refuses."""
    return WooError(400, "rest_invalid_param", f"Invalid parameter(s): {param}{': ' + why if why else ''}")


def unauthorized(message: str) -> WooError:
    """Credentials that were refused."""
    return WooError(401, "woocommerce_rest_authentication_error", message)


def no_route() -> WooError:
    """An address that does not exist."""
    return WooError(404, "rest_no_route", "No route was found matching the URL and request method.")


def no_such(kind: str) -> WooError:
    """A resource that does not exist."""
    return WooError(404, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")
