"""eBay over its Sell Fulfillment and Sell Inventory APIs."""
