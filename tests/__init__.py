"""Tests: sentences about behavior, grouped by the part they look at."""
