"""A dealer or system that asks for stock numbers itself, and acknowledges them."""
