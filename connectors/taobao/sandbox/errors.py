"""What the platform answers when it says no: always HTTP 200, with a code and mostly a sub-code."""

from __future__ import annotations

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class TopError(Refusal):
    """One refusal."""

    def __init__(self, code: int, msg: str, sub_code: str = "", sub_msg: str = "") -> None:
        super().__init__(sub_msg or msg)
        self.code, self.msg, self.sub_code, self.sub_msg = code, msg, sub_code, sub_msg

    def reply(self, status: int = 200) -> Reply:
        """The refusal as an answer."""
        more = {"sub_code": self.sub_code, "sub_msg": self.sub_msg} if self.sub_code else {}
        return Reply.json({"error_response": {"code": self.code, "msg": self.msg, **more, "request_id": "0"}}, status)


def missing(name: str) -> TopError:
    """A parameter that must be there."""
    return TopError(40, f"Missing Required Arguments:{name}")


def invalid(name: str) -> TopError:
    """A parameter that cannot be."""
    return TopError(41, f"Invalid Arguments:{name}")


def business(sub_code: str, words: str) -> TopError:
    """The platform understood, but it cannot be."""
    return TopError(15, "Remote service error", f"isv.{sub_code}", words)


def no_trade() -> TopError:
    return business("trade-not-exist", "交易不存在")


def no_item() -> TopError:
    return business("item-not-exist", "商品不存在")
