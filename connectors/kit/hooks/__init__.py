"""What a channel sends by itself: registered, and verified."""
