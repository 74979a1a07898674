"""The outside: one folder per channel, and the kit they share."""
