"""What the words of eBay's Sell APIs mean."""
