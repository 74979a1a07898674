"""The session is made, made again when it ends, and every refusal of Vendure's is one clear error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from hub.canonical.errors import AuthFailed, ChannelDown, Conflict, InvariantBroken, Misconfigured, NotFound, TimedOut
from hub.ports.channel import Connection
from tests.connectors.vendure.shop import SHOPPER, channel_of, spy, stock_line


def _named(seen: list[dict[str, Any]]) -> list[str]:
    return [request["operationName"] for request in seen]


def _answering(shop: VendureSandbox, reply: Callable[[Reply], Reply]) -> None:
    """From now on the shop's answers, signing in apart, are changed like this."""
    answer = shop.server._answer

    def changed(request: Request) -> Reply:
        found = answer(request)
        return found if b"mutation Login" in request.body else reply(found)

    shop.server._answer = changed


def _refusing(shop: VendureSandbox, code: str) -> None:
    errors = [{"message": "no luck", "extensions": {"code": code}}]
    _answering(shop, lambda _: Reply.json({"errors": errors, "data": None}))


def test_a_channel_signs_in_once(shop: VendureSandbox, channel: Vendure) -> None:
    seen = spy(shop)
    list(channel.pull_orders(None))
    list(channel.pull_listings())
    assert _named(seen) == ["Login", "Orders", "Variants"]


def test_a_session_that_ended_is_made_again(shop: VendureSandbox, channel: Vendure) -> None:
    list(channel.pull_listings())
    shop.door.sessions.clear()
    seen = spy(shop)
    assert channel.push_stock([stock_line(shop, "LAMP", 5)])[0].ok
    assert _named(seen) == ["Variants", "Login", "Variants", "SetStock"]


def test_a_write_that_found_the_session_ended_happens_once(shop: VendureSandbox, channel: Vendure) -> None:
    list(channel.pull_listings())
    answer = shop.server._answer

    def ending(request: Request) -> Reply:
        if b"mutation SetStock" in request.body and shop.door.sessions:
            shop.server._answer = answer
            shop.door.sessions.clear()
        return answer(request)

    shop.server._answer = ending
    assert channel.push_stock([stock_line(shop, "LAMP", 5)])[0].ok
    assert shop.shown_stock()["LAMP"] == 5


def test_a_shop_that_hands_out_cookies_is_followed(shop: VendureSandbox, channel: Vendure) -> None:
    answer = shop.server._answer

    def with_cookies(request: Request) -> Reply:
        assert "authorization" not in request.headers
        token = request.headers.get("cookie", "").removeprefix("session=")
        reply = answer(replace(request, headers={**request.headers, "authorization": f"Bearer {token}"}))
        given = reply.headers.get("vendure-auth-token")
        headers = {name: value for name, value in reply.headers.items() if name != "vendure-auth-token"}
        return replace(reply, headers=headers | ({"set-cookie": f"session={given}; path=/"} if given else {}))

    shop.server._answer = with_cookies
    assert len(list(channel.pull_listings())) == 2


def test_a_changed_password_needs_a_person(shop: VendureSandbox, channel: Vendure) -> None:
    list(channel.pull_listings())
    shop.door.sessions.clear()
    shop.door.password = "changed"
    with pytest.raises(AuthFailed, match="refused user name or password"):
        list(channel.pull_listings())


def test_a_role_that_may_not_is_told_and_not_signed_in_again_and_again(shop: VendureSandbox, channel: Vendure) -> None:
    _refusing(shop, "FORBIDDEN")
    seen = spy(shop)
    with pytest.raises(AuthFailed, match="role or the API key does not allow it: no luck"):
        list(channel.pull_orders(None))
    assert _named(seen) == ["Login", "Orders"]


def test_an_api_key_is_sent_instead_of_signing_in(shop: VendureSandbox) -> None:
    seen = list[dict[str, str]]()

    def keyed(request: Request) -> Reply:
        seen.append(dict(request.headers))
        return Reply.json({"data": {"orders": {"totalItems": 0, "items": []}}})

    shop.server._answer = keyed
    settings = {"shop_url": shop.server.url}
    secrets = {"password": "key-of-ours", "channel_token": "b2b"}
    assert list(Vendure(Connection(1, "s", "vendure", settings, secrets)).pull_orders(None)) == []
    assert [(row["vendure-api-key"], row["vendure-token"], row.get("authorization")) for row in seen] == [
        ("key-of-ours", "b2b", None)
    ]


def test_a_refused_api_key_needs_a_person(shop: VendureSandbox) -> None:
    channel = Vendure(Connection(1, "s", "vendure", {"shop_url": shop.server.url}, {"password": "wrong-key"}))
    with pytest.raises(AuthFailed):
        list(channel.pull_orders(None))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("CHANNEL_NOT_FOUND", Misconfigured),
        ("ENTITY_NOT_FOUND", NotFound),
        ("ILLEGAL_OPERATION", Conflict),
        ("USER_INPUT_ERROR", Conflict),
        ("INTERNAL_SERVER_ERROR", ChannelDown),
        ("SOMETHING_NEW", InvariantBroken),
    ],
)
def test_each_code_is_an_error_with_vendures_words(
    shop: VendureSandbox, channel: Vendure, code: str, error: type[Exception]
) -> None:
    _refusing(shop, code)
    with pytest.raises(error, match="no luck"):
        list(channel.pull_orders(None))


def test_an_unknown_channel_token_is_named(shop: VendureSandbox) -> None:
    secrets = {**shop.secrets, "channel_token": "nowhere"}
    channel = Vendure(Connection(1, "s", "vendure", shop.settings, secrets))
    with pytest.raises(Misconfigured, match="channel_token names no channel"):
        list(channel.pull_orders(None))


def test_a_wrong_path_is_named(shop: VendureSandbox) -> None:
    with pytest.raises(Misconfigured, match="check shop_url and admin_path"):
        list(channel_of(shop, admin_path="shop-api").pull_orders(None))


def test_an_answer_that_is_no_graphql_is_out_of_reach_for_a_read_and_unknown_for_a_write(
    shop: VendureSandbox, channel: Vendure
) -> None:
    line = stock_line(shop, "LAMP", 5)
    list(channel.read_stock([line]))
    _answering(shop, lambda reply: Reply.json([]) if b"updateProductVariants" in reply.body else reply)
    with pytest.raises(TimedOut, match="no GraphQL answer"):
        channel.push_stock([line])
    _answering(shop, lambda _: Reply.json({"data": None}))
    with pytest.raises(ChannelDown, match="without data"):
        list(channel.pull_orders(None))


def test_the_password_is_never_in_a_message(shop: VendureSandbox, channel: Vendure) -> None:
    secret = shop.secrets["password"]
    errors = [{"message": f"bad {secret}", "extensions": {"code": "USER_INPUT_ERROR"}}]
    _answering(shop, lambda _: Reply.json({"errors": errors}))
    with pytest.raises(Conflict, match=r"bad \*\*\*"):
        list(channel.pull_orders(None))


@pytest.mark.parametrize(
    ("settings", "secrets", "words"),
    [
        (
            {"shop_url": "https://shop.example", "username": "u"},
            {},
            "password must be set: Of that user; without a user name: an API key",
        ),
        ({"shop_url": "http://shop.example", "username": "u"}, {"password": "p"}, "is not https"),
        (
            {"shop_url": "https://shop.example", "username": "u", "money_decimals": "two"},
            {"password": "p"},
            "money_decimals = 'two'",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict[str, str], secrets: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        Vendure(Connection(1, "s", "vendure", settings, secrets))


def test_an_id_of_another_form_is_no_order(shop: VendureSandbox, channel: Vendure) -> None:
    shop.place_order(SHOPPER, [("LAMP", 1)])
    assert [channel.fetch_order(ref) for ref in ("", "a b", "1)", "abc", "999")] == [None] * 5
