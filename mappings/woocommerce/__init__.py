"""What WooCommerce's words mean: orders of the REST API v3 and its webhooks."""
