"""What Shelfmart's words mean."""
