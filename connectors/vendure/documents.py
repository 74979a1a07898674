"""Every GraphQL document that we send to Vendure (Admin API 3); tests hold each against Vendure's schema."""

from __future__ import annotations

from connectors.kit.wire.documents import fragment, mutation, outcome, query

ORDER = """
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
"""
TO_SHIP = """
    id state
    lines { id quantity }
    payments { id state amount refunds { id state total } }
    fulfillments { id state trackingCode lines { orderLineId quantity } }
"""
ADDRESS = "fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber"
WHOLE = fragment("Address", "OrderAddress", ADDRESS) + fragment("Whole", "Order", ORDER)
LEVELS = fragment(
    "Levels", "ProductVariant", "id trackInventory stockLevels { stockLocationId stockOnHand stockAllocated }"
)
MADE = "Fulfillment { id state }"
NO_HANDLER = "CreateFulfillmentError { fulfillmentHandlerError }"
TOO_FEW = "InsufficientStockOnHandError { productVariantName stockOnHand }"
NO_SUCH_MOVE = "OrderStateTransitionError { transitionError }"
NOT_MOVED = "FulfillmentStateTransitionError { errorCode message transitionError }"
LISTED, SET = "totalItems items { ...Levels sku name }", "[UpdateProductVariantInput!]!"
PRECISION = "trackInventory serverConfig { moneyStrategyPrecision }"

ORDERS = query("Orders", "orders", "totalItems items { ...Whole }", WHOLE, options="OrderListOptions!")
ONE_ORDER = query("OneOrder", "order", "...Whole", WHOLE, id="ID!")
SHIPPABLE = query("Shippable", "order", TO_SHIP, id="ID!")
FULFILL = mutation("Fulfill", "addFulfillmentToOrder", outcome(MADE, NO_HANDLER, TOO_FEW), input="FulfillOrderInput!")
MOVE_FULFILLMENT = mutation(
    "MoveFulfillment", "transitionFulfillmentToState", outcome(MADE, failed=NOT_MOVED), id="ID!", state="String!"
)
CANCEL = mutation("Cancel", "cancelOrder", outcome("Order { id state }", NO_SUCH_MOVE), input="CancelOrderInput!")
REFUND = mutation("Refund", "refundOrder", outcome("Refund { id state total }"), input="RefundOrderInput!")
CANCEL_PAYMENT = mutation("CancelPayment", "cancelPayment", outcome("Payment { id state }"), id="ID!")
VARIANTS = query("Variants", "productVariants", LISTED, LEVELS, options="ProductVariantListOptions!")
SET_STOCK = mutation("SetStock", "updateProductVariants", "...Levels", LEVELS, input=SET)
LOGIN = mutation("Login", "login", outcome("CurrentUser { id }"), username="String!", password="String!")
CHANNEL = query("ActiveChannel", "activeChannel", "id code token")
ME = query("Me", "me", "id channels { token code permissions }")
LOCATIONS = query("Locations", "stockLocations", "totalItems items { id name }", options="StockLocationListOptions!")
SHOP_SETTINGS = query("ShopSettings", "globalSettings", PRECISION)
