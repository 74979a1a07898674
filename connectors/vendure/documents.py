"""Every GraphQL document that we send to Vendure (Admin API 3); tests hold each against Vendure's schema."""

from __future__ import annotations

ADDRESS = """
fragment Address on OrderAddress {
  fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber
}
"""

ORDER = (
    ADDRESS
    + """
fragment Whole on Order {
  id code type state active createdAt updatedAt orderPlacedAt currencyCode couponCodes
  totalWithTax total
  customer { id title firstName lastName emailAddress phoneNumber }
  shippingAddress { ...Address }
  billingAddress { ...Address }
  lines {
    id quantity orderPlacedQuantity unitPriceWithTax linePriceWithTax proratedLinePriceWithTax proratedLinePrice taxRate
    productVariant { id sku name }
  }
  surcharges { id description sku price priceWithTax }
  shippingLines { id priceWithTax discountedPriceWithTax discountedPrice shippingMethod { code name } }
  payments { id state amount method updatedAt refunds { id state total updatedAt } }
  fulfillments { id state method trackingCode updatedAt lines { orderLineId quantity } }
}
"""
)

ORDERS = (
    ORDER
    + """
query Orders($options: OrderListOptions!) {
  orders(options: $options) { totalItems items { ...Whole } }
}
"""
)

ONE_ORDER = (
    ORDER
    + """
query OneOrder($id: ID!) {
  order(id: $id) { ...Whole }
}
"""
)

SHIPPABLE = """
query Shippable($id: ID!) {
  order(id: $id) {
    id state
    lines { id quantity }
    payments { id state amount refunds { id state total } }
    fulfillments { id state trackingCode lines { orderLineId quantity } }
  }
}
"""

FULFILL = """
mutation Fulfill($input: FulfillOrderInput!) {
  addFulfillmentToOrder(input: $input) {
    __typename
    ... on Fulfillment { id state }
    ... on ErrorResult { errorCode message }
    ... on CreateFulfillmentError { fulfillmentHandlerError }
    ... on InsufficientStockOnHandError { productVariantName stockOnHand }
  }
}
"""

MOVE_FULFILLMENT = """
mutation MoveFulfillment($id: ID!, $state: String!) {
  transitionFulfillmentToState(id: $id, state: $state) {
    __typename
    ... on Fulfillment { id state }
    ... on FulfillmentStateTransitionError { errorCode message transitionError }
  }
}
"""

CANCEL = """
mutation Cancel($input: CancelOrderInput!) {
  cancelOrder(input: $input) {
    __typename
    ... on Order { id state }
    ... on ErrorResult { errorCode message }
    ... on OrderStateTransitionError { transitionError }
  }
}
"""

REFUND = """
mutation Refund($input: RefundOrderInput!) {
  refundOrder(input: $input) {
    __typename
    ... on Refund { id state total }
    ... on ErrorResult { errorCode message }
  }
}
"""

CANCEL_PAYMENT = """
mutation CancelPayment($id: ID!) {
  cancelPayment(id: $id) {
    __typename
    ... on Payment { id state }
    ... on ErrorResult { errorCode message }
  }
}
"""

LEVELS = """
fragment Levels on ProductVariant {
  id trackInventory
  stockLevels { stockLocationId stockOnHand stockAllocated }
}
"""

VARIANTS = (
    LEVELS
    + """
query Variants($options: ProductVariantListOptions!) {
  productVariants(options: $options) { totalItems items { ...Levels sku name } }
}
"""
)

SET_STOCK = (
    LEVELS
    + """
mutation SetStock($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { ...Levels }
}
"""
)

LOGIN = """
mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    __typename
    ... on CurrentUser { id }
    ... on ErrorResult { errorCode message }
  }
}
"""

CHANNEL = """
query ActiveChannel {
  activeChannel { id code token }
}
"""

ME = """
query Me {
  me { id channels { token code permissions } }
}
"""

LOCATIONS = """
query Locations($options: StockLocationListOptions!) {
  stockLocations(options: $options) { totalItems items { id name } }
}
"""

SHOP_SETTINGS = """
query ShopSettings {
  globalSettings { trackInventory serverConfig { moneyStrategyPrecision } }
}
"""

DOCUMENTS = (
    ORDERS, ONE_ORDER, SHIPPABLE, FULFILL, MOVE_FULFILLMENT, CANCEL, REFUND, CANCEL_PAYMENT, VARIANTS, SET_STOCK, LOGIN,
    CHANNEL, ME, LOCATIONS, SHOP_SETTINGS,
)  # fmt: skip
"""All of them, for the tests."""
