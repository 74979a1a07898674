"""Stand-ins for the outside world: a channel and a clock."""
