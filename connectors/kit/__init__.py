"""What connectors share: registry, HTTP with error sorting, rate limits, webhook signatures."""
