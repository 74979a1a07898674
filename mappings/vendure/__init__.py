"""What Vendure's words mean: orders of the GraphQL Admin API."""
