"""What practice shops are made of."""
