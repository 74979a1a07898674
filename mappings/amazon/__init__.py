"""What the words of Amazon's Orders API mean."""
