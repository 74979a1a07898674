"""What Mirakl's words mean: orders of the seller API (OR11)."""
