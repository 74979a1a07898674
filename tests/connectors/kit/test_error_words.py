"""Of an error answer, people are told what it says in words."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.wire.error_words import platform_words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"code": "x", "message": "no such order"}, "no such order"),
        ({"message": "", "error_description": "the token ended"}, "the token ended"),
        ({"errors": [{"message": "short", "longMessage": "in full"}, {"message": "second"}]}, "in full; second"),
        ({"errors": [{"message": "twice"}, {"message": "twice"}]}, "twice"),
        (
            {"errors": [{"code": "InvalidInput", "message": "Invalid", "details": "9 of 2"}]},
            "InvalidInput: Invalid: 9 of 2",
        ),
        ({"errors": [{"code": "no", "message": "no", "details": ""}]}, "no"),
        ({"errors": [{"title": "Invalid", "detail": "sku is taken"}]}, "Invalid: sku is taken"),
        ({"errors": [{"status": "422", "code": "E7", "detail": "no sku"}, {"title": "Gone"}]}, "E7: no sku; Gone"),
        (
            {"errors": [{"detail": "no", "source": {"pointer": "/sku"}}]},
            '[{"detail":"no","source":{"pointer":"/sku"}}]',
        ),
        ({"type": "about:blank", "title": "No such order", "status": 404}, "No such order"),
        ({"errors": [{"message": "no", "field": ["sku"]}]}, '[{"message":"no","field":["sku"]}]'),
        ({"errors": [{"message": "some"}, {"code": 7}]}, '[{"message":"some"},{"code":7}]'),
        ({"errors": [{"message": "some"}, "text"]}, '[{"message":"some"},"text"]'),
        ({"errors": {"sku": ["is taken"]}}, '{"sku":["is taken"]}'),
        ({"error": {"code": 9}}, '{"code":9}'),
        (None, " down  for an hour"),
        ({"other": 1}, " down  for an hour"),
    ],
)
def test_the_words_of_an_answer(data: Any, words: str) -> None:
    assert platform_words(data, b"<p>down</p> for an hour") == words
