"""Amazon's stores over the Selling Partner API."""
