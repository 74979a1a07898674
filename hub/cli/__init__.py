"""The command `stockline`."""
