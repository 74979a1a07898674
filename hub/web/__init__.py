"""What the API and the pages share: who is asking, errors, headers."""
