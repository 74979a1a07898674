"""A third party's client, the `woocommerce` package of WooCommerce's makers, talks to the sandbox over http."""

from __future__ import annotations

import pytest
from woocommerce import API

from connectors.woocommerce.sandbox import WooSandbox
from tests.connectors.contract import SHOPPER


@pytest.fixture
def sandbox(loose: WooSandbox) -> WooSandbox:
    """This client asks what is not documented, too."""
    return loose


@pytest.fixture
def client(sandbox: WooSandbox) -> API:
    keys = sandbox.secrets
    return API(sandbox.settings["shop_url"], keys["consumer_key"], keys["consumer_secret"], version="wc/v3")


def test_it_lists_products_with_totals_in_the_headers(client: API) -> None:
    answer = client.get("products", params={"per_page": 1, "order": "asc", "orderby": "id"})
    assert (answer.status_code, answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"]) == (200, "3", "3")
    (product,) = answer.json()
    assert (product["sku"], product["manage_stock"]) == ("MUG-RED", True)


def test_it_creates_an_order_which_takes_the_stock(client: API, sandbox: WooSandbox) -> None:
    product = client.get("products", params={"sku": "TEA-GREEN"}).json()[0]
    made = client.post(
        "orders",
        {
            "set_paid": True,
            "shipping": {
                "first_name": "Ana",
                "last_name": "Soto",
                "address_1": "Calle 1",
                "city": "Quito",
                "country": "EC",
            },
            "line_items": [{"product_id": product["id"], "quantity": 3}],
        },
    )
    assert (made.status_code, made.json()["status"]) == (201, "processing")
    assert made.json()["total"] == "31.46"  # 3 x 7.90 + 10 % + 4.90 + 0.49
    assert sandbox.shown_stock()["TEA-GREEN"] == 297
    (entry,) = sandbox.book()
    assert (entry.ref, entry.state, entry.lines[0].ordered) == (str(made.json()["id"]), "open", 3)


def test_it_updates_an_order_and_reads_it_back(client: API, sandbox: WooSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    assert client.put(f"orders/{ref}", {"status": "completed"}).status_code == 200
    read = client.get(f"orders/{ref}").json()
    assert (read["status"], read["shipping"]["last_name"]) == ("completed", "Müller")
    assert read["date_completed"] != read["date_completed_gmt"]


def test_it_writes_stock_in_a_batch_with_an_error_for_one_item(client: API, sandbox: WooSandbox) -> None:
    (product,) = client.get("products", params={"sku": "MUG-RED"}).json()
    update = [{"id": product["id"], "stock_quantity": 9}, {"id": 999999, "stock_quantity": 1}]
    answer = client.post("products/batch", {"update": update})
    assert answer.status_code == 200
    good, bad = answer.json()["update"]
    assert int(good["stock_quantity"]) == 9
    assert bad["error"]["code"] == "woocommerce_rest_product_invalid_id"
    assert sandbox.shown_stock()["MUG-RED"] == 9


def test_it_registers_reads_and_deletes_a_webhook(client: API) -> None:
    made = client.post("webhooks", {"topic": "order.created", "delivery_url": "http://127.0.0.1:9/x", "secret": "s"})
    assert (made.status_code, made.json()["status"]) == (201, "active")
    assert "secret" not in made.json()
    assert client.delete(f"webhooks/{made.json()['id']}", params={"force": True}).status_code == 200
    assert client.get("webhooks").json() == []


@pytest.mark.parametrize(
    ("_case", "call", "status", "code"),
    [
        ("unknown order", lambda c: c.get("orders/1"), 404, "woocommerce_rest_shop_order_invalid_id"),
        ("unknown route", lambda c: c.get("nothing"), 404, "rest_no_route"),
        ("page too large", lambda c: c.get("orders", params={"per_page": 101}), 400, "rest_invalid_param"),
        ("unknown order by", lambda c: c.get("orders", params={"orderby": "luck"}), 400, "rest_invalid_param"),
        (
            "bad topic",
            lambda c: c.post("webhooks", {"topic": "x", "delivery_url": "http://a"}),
            400,
            "rest_invalid_param",
        ),
        (
            "batch too large",
            lambda c: c.post("products/batch", {"update": [{"id": 1}] * 101}),
            413,
            "woocommerce_rest_request_entity_too_large",
        ),
    ],
)
def test_it_is_refused_as_the_platform_refuses(_case: str, call: object, status: int, code: str, client: API) -> None:
    answer = call(client)  # type: ignore[operator]
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]["status"]) == (status, code, status)


def test_a_bad_status_is_refused_and_unknown_parameters_are_ignored(client: API, sandbox: WooSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert client.put(f"orders/{ref}", {"status": "teleported"}).json()["code"] == "rest_invalid_param"
    assert client.get("orders", params={"colour": "red"}).status_code == 200
    assert client.get(f"orders/{ref}").json()["status"] == "processing"


@pytest.mark.parametrize(("key", "secret"), [("ck_wrong", None), (None, "cs_wrong")])
def test_wrong_keys_are_unauthorized(key: str | None, secret: str | None, sandbox: WooSandbox) -> None:
    keys = sandbox.secrets
    client = API(sandbox.settings["shop_url"], key or keys["consumer_key"], secret or keys["consumer_secret"])
    answer = client.get("orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_authentication_error")
