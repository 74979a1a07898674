"""The words: orders, stock, money, time and errors. Frozen values, no I/O."""
