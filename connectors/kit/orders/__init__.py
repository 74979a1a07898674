"""Reading orders, and telling a shop what became of them."""
