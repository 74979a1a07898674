"""OAuth 1.0a: signatures as RFC 5849 makes them, with and without a token."""

from __future__ import annotations

import pytest
import requests

from connectors.kit.auth.oauth1 import OAuth1, signature, signed_or_bearer
from connectors.kit.wire.http import Bearer
from hub.canonical.errors import Misconfigured


def test_the_signature_follows_the_rules_of_rfc_5849() -> None:
    """The parameters of RFC 5849 section 3.4.1; its base string, signed with HMAC-SHA256 (computed with openssl)."""
    params = {"b5": "=%3D", "a3": "2 q", "c@": "", "a2": "r b", "c2": ""}
    assert signature("post", "http://example.com/request", params, "secret") == (
        "xjHqrzJy9nVoZ71lGip4Cae6Fcjb2W/LiO7avcVIwPU="
    )


def test_a_token_goes_into_the_header_and_its_secret_into_the_key() -> None:
    """The base string of this request, signed with HMAC-SHA256 (computed with openssl)."""
    params = {"oauth_token": "t", "searchCriteria[pageSize]": "1"}
    assert signature("get", "https://shop.example/rest/V1/orders", params, "cs", "ts") == (
        "8DleP+kJoztAr3uiFXkZVzkUgc7MKlcbQHYKG4qezog="
    )
    request = requests.Request("GET", "https://shop.example/rest/V1/orders").prepare()
    header = OAuth1("ck", "cs", "t", "ts")(request).headers["Authorization"]
    assert 'oauth_token="t"' in header
    assert "ts" not in header.split('"')


def test_a_token_goes_alone_or_all_of_its_integration_sign() -> None:
    assert isinstance(signed_or_bearer("t", key="", secret="", token_secret=""), Bearer)
    request = requests.Request("GET", "https://shop.example/orders").prepare()
    header = signed_or_bearer("t", key="k", secret="cs", token_secret="ts")(request).headers["Authorization"]
    assert (header.startswith("OAuth "), 'oauth_consumer_key="k"' in header, 'oauth_token="t"' in header) == (True,) * 3
    with pytest.raises(Misconfigured, match="set all of key, secret, token_secret to sign requests, or none of them"):
        signed_or_bearer("t", key="k", secret="", token_secret="ts")
