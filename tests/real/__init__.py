"""Real shop servers, started from their own packages and driven through the full circle; only with `--real`."""
