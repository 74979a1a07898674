"""A random company at work, alone and in a crowd: after every step the promises of the hub hold."""
