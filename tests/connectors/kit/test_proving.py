"""Our webhook address proves itself by a digest of code, token and address; the token is the merchant's, or made."""

from __future__ import annotations

import json

import pytest

from connectors.kit.hooks.proving import digest_answer, verification_token
from hub.canonical.errors import BadInput
from hub.ports.channel import Connection

URL = "https://hub.example/webhooks/t"


def token(**secrets: str) -> str:
    return verification_token(Connection(1, "t", "t", {}, secrets))


def test_the_answer_is_the_digest_of_code_token_and_address() -> None:
    # printf %s 'a8628072the-tokenhttps://hub.example/webhooks/t' | sha256sum
    wanted = "d687dafba40c9d5cde5a2bdf93ac32cf163843e15120a8d7951f180fa069adc9"
    assert json.loads(digest_answer({"challenge_code": "a8628072"}, "the-token", URL)) == {"challengeResponse": wanted}
    assert json.loads(digest_answer({"q": "a8628072"}, "the-token", URL, "q", "a")) == {"a": wanted}


@pytest.mark.parametrize("query", [{}, {"challenge_code": ""}, {"other": "1"}])
def test_who_asks_nothing_gets_no_answer(query: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="asked with a challenge_code"):
        digest_answer(query, "the-token", URL)


def test_the_merchants_token_goes_before_one_made_of_the_keys() -> None:
    assert token(verification_token=" mine ", client_secret="s") == "mine"
    made = token(client_secret="s")
    assert (len(made), made == token(client_secret=" s ", verification_token=""), made == token(client_secret="t")) == (
        64, True, False,
    )  # fmt: skip
