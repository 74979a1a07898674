"""What the words of Medusa v2 mean."""
