"""Measures Stockline: speed, oversold units and routing, side by side, as JSON."""
