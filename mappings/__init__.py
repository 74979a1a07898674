"""Pure translation between a channel's words and ours."""
