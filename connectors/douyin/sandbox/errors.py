"""What the platform answers when it says no: always HTTP 200, with a code and a sub-code."""

from __future__ import annotations

from typing import Any

from connectors.kit.practice.server import Reply
from connectors.kit.practice.shop import Refusal


class DouyinError(Refusal):
    """One refusal."""

    def __init__(self, code: int, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_msg)
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg

    def reply(self, status: int = 200) -> Reply:
        """The refusal as an answer."""
        words = {"code": self.code, "msg": "failed", "sub_code": self.sub_code, "sub_msg": self.sub_msg}
        return Reply.json({**words, "log_id": "0"}, status)


def good(data: Any) -> Reply:
    """An answer with what was asked for."""
    return Reply.json({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "0", "data": data})


def business(words: str) -> DouyinError:
    """The platform understood, but it cannot be."""
    return DouyinError(50002, "isv.business-failed:1", words)


def bad_param(words: str) -> DouyinError:
    """A parameter of the call cannot be."""
    return DouyinError(40004, "isv.parameter-invalid", words)
