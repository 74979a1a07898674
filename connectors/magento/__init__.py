"""Magento 2 and Adobe Commerce shops, spoken to over the REST API with multi-source inventory."""
