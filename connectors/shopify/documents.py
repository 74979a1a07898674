"""Every GraphQL document that we send to Shopify (Admin API 2026-07); tests hold each against Shopify's schema."""

from __future__ import annotations

from functools import cache

BAG = """
fragment Bag on MoneyBag {
  shopMoney { amount currencyCode }
  presentmentMoney { amount currencyCode }
}
"""

ADDRESS = """
fragment Address on MailingAddress {
  name firstName lastName company address1 address2 city province provinceCode country countryCodeV2 zip phone
}
"""

LINE = """
fragment Line on LineItem {
  id sku name title quantity currentQuantity
  variant { id }
  originalUnitPriceSet { ...Bag }
  totalDiscountSet { ...Bag }
  discountAllocations { allocatedAmountSet { ...Bag } }
  taxLines { priceSet { ...Bag } }
}
"""

ORDER = (
    """
fragment Whole on Order {
  id legacyResourceId name createdAt updatedAt cancelledAt closedAt displayFinancialStatus displayFulfillmentStatus
  currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded test tags note email phone
  totalPriceSet { ...Bag }
  totalTaxSet { ...Bag }
  totalDiscountsSet { ...Bag }
  totalRefundedSet { ...Bag }
  totalTipReceivedSet { ...Bag }
  originalTotalDutiesSet { ...Bag }
  originalTotalAdditionalFeesSet { ...Bag }
  customAttributes { key value }
  customer { id }
  billingAddress { ...Address }
  shippingAddress { ...Address }
  shippingLines(first: 10) {
    nodes {
      title
      originalPriceSet { ...Bag }
      discountedPriceSet { ...Bag }
      taxLines { priceSet { ...Bag } }
    }
  }
  lineItems(first: $lines) {
    nodes { ...Line }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + LINE
    + ADDRESS
    + BAG
)
"""The fields that `mappings/shopify/orders_graphql.yaml` reads."""

ORDERS = (
    """
query Orders($first: Int!, $lines: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { ...Whole }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + ORDER
)

ONE_ORDER = (
    """
query OneOrder($id: ID!, $lines: Int!) {
  order(id: $id) { ...Whole }
}
"""
    + ORDER
)

MORE_LINES = (
    """
query MoreLines($id: ID!, $lines: Int!, $after: String!) {
  order(id: $id) {
    lineItems(first: $lines, after: $after) {
      nodes { ...Line }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
    + LINE
    + BAG
)

SHOP = """
query Shop {
  shop { id }
}
"""

LOCATIONS = """
query Locations {
  locations(first: 50) {
    nodes { id name isActive fulfillsOnlineOrders }
  }
}
"""

SUBSCRIPTIONS = """
query Subscriptions($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri format }
    pageInfo { hasNextPage endCursor }
  }
}
"""

SUBSCRIBE = """
mutation Subscribe($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
    webhookSubscription { id topic uri }
    userErrors { field message }
  }
}
"""

VARIANTS = """
query Variants($first: Int!, $after: String, $location: ID!) {
  productVariants(first: $first, after: $after) {
    nodes {
      id displayName sku barcode
      inventoryItem {
        id
        inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

SET_STOCK = """
mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { field message code }
  }
}
"""

SHIPPABLE = """
query Shippable($id: ID!, $after: String) {
  order(id: $id) {
    id cancelledAt
    fulfillments(first: 100) {
      id status
      trackingInfo(first: 20) { number }
      fulfillmentLineItems(first: 100) { nodes { quantity lineItem { id } } }
    }
    fulfillmentOrders(first: 10, after: $after) {
      nodes {
        id status
        assignedLocation { location { id } }
        lineItems(first: 100) {
          nodes { id remainingQuantity lineItem { id } }
          pageInfo { hasNextPage endCursor }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

MORE_SHIPPABLE = """
query MoreShippable($id: ID!, $after: String!) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 100, after: $after) {
      nodes { id remainingQuantity lineItem { id } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

SHIP = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status }
    userErrors { field message }
  }
}
"""

CANCELLED = """
query Cancelled($id: ID!) {
  order(id: $id) { id cancelledAt }
}
"""

CANCEL = """
mutation Cancel($orderId: ID!, $staffNote: String, $notifyCustomer: Boolean) {
  orderCancel(
    orderId: $orderId, reason: INVENTORY, restock: true, staffNote: $staffNote, notifyCustomer: $notifyCustomer,
    refundMethod: { originalPaymentMethodsRefund: true }
  ) {
    job { id done }
    orderCancelUserErrors { field message code }
  }
}
"""


@cache
def levels(count: int) -> str:
    """A query for the available number of `count` inventory items at one location: `$location`, `$i0`, `$i1`, ...

    Items are asked for by id and not by search, because Shopify's search index lags behind.
    """
    names = ", ".join(f"$i{n}: ID!" for n in range(count))
    asks = "\n".join(f"  i{n}: inventoryItem(id: $i{n}) {{ ...Level }}" for n in range(count))
    return f"""
query Levels($location: ID!, {names}) {{
{asks}
}}
fragment Level on InventoryItem {{
  id
  inventoryLevel(locationId: $location) {{ quantities(names: ["available"]) {{ name quantity }} }}
}}
"""


DOCUMENTS = (
    ORDERS, ONE_ORDER, MORE_LINES, SHOP, LOCATIONS, SUBSCRIPTIONS, SUBSCRIBE, VARIANTS, SET_STOCK, SHIPPABLE,
    MORE_SHIPPABLE, SHIP, CANCELLED, CANCEL, levels(1), levels(3),
)  # fmt: skip
"""All of them, for the tests."""
