"""Error answers in the platform's words."""

from __future__ import annotations

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class PddError(Refusal):
    """An error that becomes `{"error_response": …}`, as the gateway sends it: with status 200 for its own refusals."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def reply(self) -> Reply:
        """The whole answer."""
        error = {
            "error_code": self.code, "error_msg": self.message, "sub_code": None, "sub_msg": self.message,
            "request_id": "15440104776643887",
        }  # fmt: skip
        return Reply.json({"error_response": error}, self.status)


def invalid(message: str) -> PddError:
    """Something that the call says cannot be."""
    return PddError(10000, f"参数错误: {message}")


def refused(message: str) -> PddError:
    """The call is well, but the shop's business forbids it."""
    return PddError(50003, f"业务服务错误: {message}")
