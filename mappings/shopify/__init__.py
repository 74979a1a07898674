"""What Shopify's words mean: orders of the REST Admin API, webhooks and the GraphQL Admin API."""
