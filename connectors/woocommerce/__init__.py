"""WooCommerce shops, spoken to over the REST API v3."""
