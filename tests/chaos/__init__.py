"""The hub lives through the loss of its broker and of its database sessions: nothing lost, doubled or oversold."""
