"""What the words of Pinduoduo mean."""
