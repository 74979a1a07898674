"""Marketplaces that run on Mirakl, spoken to as a seller over the seller API."""
