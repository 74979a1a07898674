"""X12 purchase orders (850) in canonical words."""
