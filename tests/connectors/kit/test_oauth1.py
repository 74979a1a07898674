"""OAuth 1.0a: signatures as RFC 5849 makes them, with and without a token."""

from __future__ import annotations

import requests

from connectors.kit.oauth1 import OAuth1, signature


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
