"""The Shelfmart channel for Stockline."""
