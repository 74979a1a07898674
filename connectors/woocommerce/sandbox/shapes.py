"""The sandbox shop's payloads: WooCommerce v3 JSON, with the dirty types that real shops send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.woocommerce.sandbox.shop import Item, Order, Shop

CENT = Decimal("0.01")
TAX = Decimal("0.10")
POSTAGE = Decimal("4.90")
DIRTY = {0, 3}


def money(amount: Decimal) -> str:
    """Two decimals, as text."""
    return str(amount.quantize(CENT))


class Shapes:
    """Makes payloads in the zone of one site. Two ids in five get dirty types: numbers as text, `""` for null."""

    def __init__(self, shop: Shop, zone: ZoneInfo, base_url: str) -> None:
        self._shop, self._zone, self._base = shop, zone, base_url

    def dates(self, name: str, moment: datetime | None) -> dict[str, str | None]:
        """`date_x` in the site's zone without offset, and `date_x_gmt`."""
        if moment is None:
            return {f"date_{name}": None, f"date_{name}_gmt": None}
        local, gmt = moment.astimezone(self._zone), moment.astimezone(ZoneInfo("UTC"))
        return {f"date_{name}": f"{local:%Y-%m-%dT%H:%M:%S}", f"date_{name}_gmt": f"{gmt:%Y-%m-%dT%H:%M:%S}"}

    def item(self, item: Item) -> dict[str, Any]:
        """A product or a variation."""
        dirty = item.id % 5 in DIRTY
        stock: Any = str(item.stock) if dirty and item.stock is not None else item.stock
        under = f"products/{item.parent_id}/variations" if item.parent_id else "products"
        body: dict[str, Any] = {
            "id": item.id, "name": item.name, "type": item.kind, "status": "publish", "sku": item.sku,
            "global_unique_id": item.barcode, "price": item.price, "regular_price": item.price, "sale_price": "",
            "manage_stock": item.manage, "stock_quantity": stock if item.manage else None,
            "stock_status": "instock" if (item.stock or 0) > 0 else "outofstock", "backorders": "no",
            "parent_id": item.parent_id, "weight": "", "meta_data": [],
            **self.dates("created", item.modified), **self.dates("modified", item.modified),
            "_links": {"self": [{"href": f"{self._base}/wp-json/wc/v3/{under}/{item.id}"}]},
        }  # fmt: skip
        if item.kind != "variation":
            body["variations"] = sorted(one.id for one in self._shop.items.values() if one.parent_id == item.id)
        return body

    def order(self, order: Order) -> dict[str, Any]:
        """An order as the API and the webhooks send it."""
        dirty = order.id % 5 in DIRTY
        lines = [self._line(line.id, line.item, line.quantity, dirty) for line in order.lines if line.quantity]
        goods = sum((Decimal(line["total"]) for line in lines), Decimal(0))
        goods_tax = sum((Decimal(line["total_tax"]) for line in lines), Decimal(0))
        postage_tax = (POSTAGE * TAX).quantize(CENT)
        return {
            "id": order.id, "parent_id": 0, "number": str(order.id), "order_key": f"wc_order_{order.id:x}",
            "created_via": "checkout", "version": "10.3.0", "status": order.status, "currency": "EUR",
            **self.dates("created", order.created), **self.dates("modified", order.modified),
            "discount_total": "0.00", "discount_tax": "0.00", "shipping_total": money(POSTAGE),
            "shipping_tax": money(postage_tax), "cart_tax": money(goods_tax),
            "total": money(goods + goods_tax + POSTAGE + postage_tax), "total_tax": money(goods_tax + postage_tax),
            "prices_include_tax": False, "customer_id": "0" if dirty else 0, "customer_note": "",
            "billing": self._address(order, billing=True), "shipping": self._address(order, billing=False),
            "payment_method": "bacs", "payment_method_title": "Direct bank transfer",
            "transaction_id": "" if dirty else None,
            **self.dates("paid", order.created if order.status in {"processing", "completed", "refunded"} else None),
            **self.dates("completed", order.completed),
            "meta_data": [{"id": row, "key": key, "value": value} for key, (row, value) in order.meta.items()],
            "line_items": lines, "tax_lines": [],
            "shipping_lines": [{
                "id": order.id * 10, "method_title": "Flat rate", "method_id": "flat_rate", "instance_id": "1",
                "total": money(POSTAGE), "total_tax": money(postage_tax), "taxes": [], "meta_data": [],
            }],
            "fee_lines": [], "coupon_lines": [],
            "refunds": [
                {"id": refund["id"], "reason": refund["reason"], "total": f"-{money(refund['amount'])}"}
                for refund in order.refunds
            ],
            "_links": {"self": [{"href": f"{self._base}/wp-json/wc/v3/orders/{order.id}"}]},
        }  # fmt: skip

    def _line(self, line_id: int, item: Item, quantity: int, dirty: bool) -> dict[str, Any]:
        total = Decimal(item.price) * quantity
        product, variation = (item.parent_id, item.id) if item.parent_id else (item.id, 0)
        return {
            "id": line_id, "name": item.name, "product_id": str(product) if dirty else product,
            "variation_id": variation, "quantity": str(quantity) if dirty else quantity, "tax_class": "",
            "subtotal": money(total), "subtotal_tax": money(total * TAX), "total": money(total),
            "total_tax": money(total * TAX), "taxes": [], "meta_data": [], "sku": item.sku,
            "price": item.price if dirty else float(item.price),
        }  # fmt: skip

    def _address(self, order: Order, *, billing: bool) -> dict[str, str]:
        first, _, last = order.shopper.name.partition(" ")
        body = {
            "first_name": first, "last_name": last, "company": "", "address_1": order.shopper.line, "address_2": "",
            "city": order.shopper.city, "state": order.shopper.region, "postcode": order.shopper.postal_code,
            "country": order.shopper.country, "phone": order.shopper.phone,
        }  # fmt: skip
        return body | ({"email": order.shopper.email} if billing else {})

    def refund(self, refund: Mapping[str, Any]) -> dict[str, Any]:
        """One refund; quantities and totals are negative."""
        lines = [
            {
                "id": row, "name": line.item.name, "product_id": line.item.parent_id or line.item.id,
                "variation_id": line.item.id if line.item.parent_id else 0, "quantity": -pieces,
                "total": money(-Decimal(line.item.price) * pieces), "total_tax": "0.00", "sku": line.item.sku,
                "meta_data": [{"id": row * 10, "key": "_refunded_item_id", "value": str(line.id)}],
            }
            for row, line, pieces in refund["lines"]
        ]  # fmt: skip
        return {
            "id": refund["id"], **self.dates("created", refund["created"]), "amount": money(refund["amount"]),
            "reason": refund["reason"], "refunded_by": 1, "refunded_payment": False, "meta_data": [],
            "line_items": lines,
        }  # fmt: skip
