"""What the hub asks of the outside, as Protocols and frozen values."""
